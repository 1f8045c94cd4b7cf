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

visit_lengths as (
    select
        opportunities.segment,
        visits.stage,
        -- Decimals: a sum of floats depends on the order in which the engine adds them.
        cast(
            sum(
                cast(
                    {{ seconds_between('visits.entered_at', 'visits.left_at') }}
                    as decimal(20, 6)
                )
            ) as {{ type_double() }}
        ) / count(*) as mean_seconds
    from visits
    inner join opportunities
        on visits.opportunity_id = opportunities.opportunity_id
    where
        opportunities.stage_group = 'won'
        and visits.stage_group = 'open'
        and visits.left_at is not null
    group by opportunities.segment, visits.stage
),

current_visits as (
    select
        opportunity_id,
        entered_at
    from visits
    where left_at is null
),

risks as (
    select
        opportunities.opportunity_id,
        coalesce(
            {{ seconds_between('current_visits.entered_at', day_end(as_of_date())) }}
            > visit_lengths.mean_seconds,
            false
        ) as is_stalled,
        coalesce(opportunities.close_date < {{ as_of_date() }}, false) as is_overdue,
        opportunities.push_count >= {{ var('pushed_count') }} as is_pushed,
        coalesce(
            {{ days_between('last_worked.last_worked_date', as_of_date()) }}
            >= {{ var('stale_days') }},
            true
        ) as is_inactive,
        current_visits.entered_at as stage_entered_at,
        last_worked.last_worked_date
    from opportunities
    inner join current_visits
        on opportunities.opportunity_id = current_visits.opportunity_id
    left join visit_lengths
        on
            opportunities.segment = visit_lengths.segment
            and opportunities.stage = visit_lengths.stage
    left join last_worked
        on opportunities.opportunity_id = last_worked.opportunity_id
    where opportunities.stage_group = 'open'
)

select * from risks
