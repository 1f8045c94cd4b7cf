-- What speaks against each open deal at as-of.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

presented as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

judged as (
    select * from {{ ref('int_opportunities__verdicts') }}
    where verdict != 'excluded'
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

visits as (
    select * from {{ ref('int_stage_visits__dated') }}
),

worked as (
    select * from {{ ref('int_opportunities__worked') }}
),

segmented as (
    select
        opportunities.opportunity_id,
        coalesce(accounts.segment, 'unknown') as segment,
        presented.stage,
        presented.stage_group,
        presented.close_date,
        presented.push_count
    from opportunities
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    inner join judged
        on opportunities.opportunity_id = judged.opportunity_id
    left join accounts
        on opportunities.account_id = accounts.account_id
),

visit_lengths as (
    select
        segmented.segment,
        visits.stage,
        -- Decimals: a sum of floats depends on the order in which the engine takes them.
        cast(
            sum(
                cast(
                    {{ seconds_between('visits.entered_at', 'visits.left_at') }}
                    as decimal(20, 6)
                )
            ) as {{ type_double() }}
        ) / count(*) as mean_seconds
    from visits
    inner join segmented
        on visits.opportunity_id = segmented.opportunity_id
    where
        segmented.stage_group = 'won'
        and visits.stage_group = 'open'
        and visits.left_at is not null
    group by segmented.segment, visits.stage
),

present_visits as (
    select
        opportunity_id,
        entered_at
    from visits
    where left_at is null
),

assessed as (
    select
        segmented.opportunity_id,
        coalesce(
            {{ seconds_between('present_visits.entered_at', day_end(as_of_date())) }}
            > visit_lengths.mean_seconds,
            false
        ) as is_stalled,
        coalesce(segmented.close_date < {{ as_of_date() }}, false) as is_overdue,
        segmented.push_count >= 2 as is_pushed,
        coalesce(
            {{ days_between('worked.last_worked_date', as_of_date()) }} >= {{ var('stale_days') }},
            true
        ) as is_inactive,
        present_visits.entered_at as stage_entered_at,
        worked.last_worked_date
    from segmented
    inner join present_visits
        on segmented.opportunity_id = present_visits.opportunity_id
    left join visit_lengths
        on
            segmented.segment = visit_lengths.segment
            and segmented.stage = visit_lengths.stage
    left join worked
        on segmented.opportunity_id = worked.opportunity_id
    where segmented.stage_group = 'open'
)

select * from assessed
