-- One row per day that coverage is computed for and opportunity that was closed at its end.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
),

closings as (
    select * from {{ ref('fct_opportunity_outcomes') }}
),

-- A renewal is in no rate and in no quota. Exclusions and duplicates are those of as-of, whatever
-- the day.
opportunities as (
    select
        *,
        case when verdict = 'duplicate' then verdict_evidence end as original_opportunity_id
    from {{ ref('fct_opportunities') }}
    where motion != 'renewal' and verdict != 'excluded'
),

closed as (
    select
        days.coverage_date,
        days.day_ended_at,
        days.quarter_start_date,
        days.window_start_date,
        closings.opportunity_id,
        closings.successor_opportunity_id,
        closings.stage_group,
        closings.closed_at,
        closings.close_day,
        closings.amount
    from days
    inner join closings
        on {{ held_at_end_of_day('closings', 'days.day_ended_at') }}
),

counted as (
    select
        closed.coverage_date,
        closed.opportunity_id,
        opportunities.segment,
        opportunities.motion,
        opportunities.pipeline_source,
        closed.stage_group,
        closed.close_day,
        closed.amount,
        closed.close_day >= closed.window_start_date
        and closed.close_day < closed.quarter_start_date as is_in_window,
        -- A deal that never qualified has no instant to compare, and is in no rate.
        coalesce(opportunities.qualified_at < closed.day_ended_at, false)
        and opportunities.original_opportunity_id is null as is_in_population,
        -- A deal that was entered twice and won twice is won once; what a successor won is its own.
        closed.stage_group = 'won'
        and closed.successor_opportunity_id is null
        and (originals.stage_group is distinct from 'won') as is_won_money,
        coalesce(
            {{ fiscal_quarter_start(business_date('opportunities.qualified_at')) }}
            = {{ fiscal_quarter_start('closed.close_day') }},
            false
        ) as is_closed_in_quarter_created,
        cast(
            {{ seconds_between('opportunities.qualified_at', 'closed.closed_at') }}
            as {{ type_double() }}
        ) / 86400 as cycle_days
    from closed
    inner join opportunities
        on closed.opportunity_id = opportunities.opportunity_id
    left join closed as originals
        on
            closed.coverage_date = originals.coverage_date
            and opportunities.original_opportunity_id = originals.opportunity_id
            and originals.successor_opportunity_id is null
    -- Nobody asks a past day for more than its own quarter and the full ones before it; of as-of,
    -- the ledger reports older ones too.
    where
        closed.close_day >= closed.window_start_date
        or closed.coverage_date = {{ as_of_date() }}
),

rated as (
    select
        coverage_date,
        opportunity_id,
        segment,
        motion,
        pipeline_source,
        stage_group,
        close_day,
        amount,
        is_in_population,
        is_in_population
        and is_in_window
        and {{ is_source_in_coverage('pipeline_source') }} as is_in_rates,
        is_won_money,
        is_closed_in_quarter_created,
        cycle_days
    from counted
)

select * from rated
