-- What speaks against each open deal at as-of.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

visits as (
    select * from {{ ref('int_opportunity_stages__visits') }}
),

last_worked as (
    select * from {{ ref('int_opportunities__last_worked') }}
),

won as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_in_rates and stage_group = 'won'
),

company_cycle as (
    select {{ mean_days('cycle_days') }} as mean_cycle_days
    from won
),

-- Both motions together: one of them alone is rarely won often enough.
segment_cycles as (
    select
        segment,
        {{ mean_days('cycle_days') }} as mean_cycle_days
    from won
    group by segment
    having count(*) >= {{ var('min_won_for_cycle') }}
),

current_visits as (
    select
        opportunity_id,
        entered_at,
        cast(
            {{ rounded(seconds_between('entered_at', day_end(as_of_date())) ~ ' / 86400', 6) }}
            as {{ type_double() }}
        ) as days_in_stage
    from visits
    where left_at is null
),

measured as (
    select
        opportunities.opportunity_id,
        opportunities.close_date,
        opportunities.push_count,
        current_visits.entered_at as stage_entered_at,
        current_visits.days_in_stage,
        cast(
            {{ rounded(
                'coalesce(segment_cycles.mean_cycle_days, company_cycle.mean_cycle_days)', 6
            ) }}
            as {{ type_double() }}
        ) as mean_cycle_days,
        last_worked.last_worked_date
    from opportunities
    inner join current_visits
        on opportunities.opportunity_id = current_visits.opportunity_id
    cross join company_cycle
    left join segment_cycles
        on opportunities.segment = segment_cycles.segment
    left join last_worked
        on opportunities.opportunity_id = last_worked.opportunity_id
    where opportunities.stage_group = 'open'
),

risks as (
    select
        opportunity_id,
        -- Without a single won deal nothing says how long is long.
        coalesce(days_in_stage > mean_cycle_days, false) as is_stalled,
        coalesce(close_date < {{ as_of_date() }}, false) as is_overdue,
        push_count >= {{ var('pushed_count') }} as is_pushed,
        coalesce(
            {{ days_between('last_worked_date', as_of_date()) }} >= {{ var('stale_days') }},
            true
        ) as is_inactive,
        stage_entered_at,
        days_in_stage,
        mean_cycle_days,
        last_worked_date
    from measured
)

select * from risks
