-- One row per open stage: how many of the deals that entered it went on, in the fiscal quarter to
-- date and in the same days of the quarter before.
with

entries as (
    select * from {{ ref('int_opportunity_stages__entry_dates') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
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

-- The next stage that a deal entered, won included; where it went on within the period.
sequenced as (
    select
        entries.opportunity_id,
        entries.stage,
        entries.stage_order,
        entries.stage_group,
        {{ business_date('entries.entered_at') }} as entered_date,
        min({{ business_date('later.entered_at') }}) as went_on_date
    from entries
    inner join opportunities
        on entries.opportunity_id = opportunities.opportunity_id
    left join entries as later
        on
            entries.opportunity_id = later.opportunity_id
            and entries.stage_order < later.stage_order
            and later.stage_group in ('open', 'won')
            and entries.entered_at <= later.entered_at
    where entries.stage_group = 'open'
    group by
        entries.opportunity_id,
        entries.stage,
        entries.stage_order,
        entries.stage_group,
        {{ business_date('entries.entered_at') }}
),

counted as (
    select
        sequenced.stage,
        sequenced.stage_order,
        periods.period,
        count(*) as entered_count,
        sum(case when sequenced.went_on_date <= periods.last_date then 1 else 0 end)
            as converted_count
    from sequenced
    inner join periods
        on sequenced.entered_date between periods.first_date and periods.last_date
    group by sequenced.stage, sequenced.stage_order, periods.period
),

compared as (
    select
        stage,
        stage_order,
        cast(sum(case when period = 'this' then entered_count else 0 end) as bigint)
            as entered_count,
        cast(sum(case when period = 'this' then converted_count else 0 end) as bigint)
            as converted_count,
        cast(sum(case when period = 'previous' then entered_count else 0 end) as bigint)
            as previous_entered_count,
        cast(sum(case when period = 'previous' then converted_count else 0 end) as bigint)
            as previous_converted_count
    from counted
    group by stage, stage_order
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
