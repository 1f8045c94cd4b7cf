-- One row per open stage: how many of the deals that first visited it went on, in the fiscal
-- quarter to date and in the same days of the quarter before.
with

visits as (
    select * from {{ ref('int_opportunity_stages__visits') }}
    where not is_without_record
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

stages as (
    select distinct
        canonical_stage as stage,
        canonical_stage_order as stage_order
    from {{ ref('dim_stages') }}
    where stage_group = 'open'
),

dates as (
    select * from {{ ref('dim_dates') }}
),

as_of_quarter as (
    select
        quarter_start_date,
        {{ date_plus_months('quarter_start_date', -3) }} as previous_start_date,
        {{ days_between('quarter_start_date', 'date_day') }} as day_of_quarter
    from dates
    where date_day = {{ as_of_date() }}
),

periods as (
    select
        'this' as period,
        quarter_start_date as first_date,
        {{ as_of_date() }} as last_date
    from as_of_quarter
    union all
    -- A quarter with fewer days than have gone by ends where it ends.
    select
        'previous' as period,
        previous_start_date as first_date,
        least(
            {{ date_plus_days('previous_start_date', 'day_of_quarter') }},
            {{ date_plus_days('quarter_start_date', -1) }}
        ) as last_date
    from as_of_quarter
),

staged as (
    select
        visits.opportunity_id,
        visits.stage,
        -- A stage of two names in the seed has the order of the first, whichever a deal was in.
        coalesce(stages.stage_order, visits.stage_order) as stage_order,
        visits.stage_group,
        visits.visit_number,
        visits.entered_at
    from visits
    inner join opportunities
        on visits.opportunity_id = opportunities.opportunity_id
    left join stages
        on visits.stage = stages.stage
),

-- The day on which a deal went on from its first visit; null if it never did.
first_visits as (
    select
        staged.opportunity_id,
        staged.stage,
        {{ business_date('staged.entered_at') }} as entered_date,
        min({{ business_date('later.entered_at') }}) as went_on_date
    from staged
    left join staged as later
        on
            staged.opportunity_id = later.opportunity_id
            and staged.entered_at < later.entered_at
            and (
                later.stage_group = 'won'
                or (later.stage_group = 'open' and staged.stage_order < later.stage_order)
            )
    where staged.stage_group = 'open' and staged.visit_number = 1
    group by staged.opportunity_id, staged.stage, {{ business_date('staged.entered_at') }}
),

counted as (
    select
        first_visits.stage,
        periods.period,
        count(*) as entered_count,
        sum(case when first_visits.went_on_date <= periods.last_date then 1 else 0 end)
            as converted_count
    from first_visits
    inner join periods
        on first_visits.entered_date between periods.first_date and periods.last_date
    group by first_visits.stage, periods.period
),

compared as (
    select
        stages.stage,
        stages.stage_order,
        cast(sum(case when counted.period = 'this' then counted.entered_count else 0 end) as bigint)
            as entered_count,
        cast(
            sum(case when counted.period = 'this' then counted.converted_count else 0 end) as bigint
        ) as converted_count,
        cast(
            sum(case when counted.period = 'previous' then counted.entered_count else 0 end)
            as bigint
        ) as previous_entered_count,
        cast(
            sum(case when counted.period = 'previous' then counted.converted_count else 0 end)
            as bigint
        ) as previous_converted_count
    from stages
    left join counted
        on stages.stage = counted.stage
    group by stages.stage, stages.stage_order
),

converted as (
    select
        {{ as_of_date() }} as as_of_date,
        stage,
        stage_order,
        entered_count,
        converted_count,
        cast(converted_count as {{ type_double() }}) / nullif(entered_count, 0)
            as conversion_rate,
        previous_entered_count,
        previous_converted_count,
        cast(previous_converted_count as {{ type_double() }})
        / nullif(previous_entered_count, 0) as previous_conversion_rate
    from compared
)

select * from converted
