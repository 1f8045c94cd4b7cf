-- One row per day that coverage is computed for and opportunity that was open pipeline at its end.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where is_qualified
),

-- Exclusions and duplicates are those of as-of, whatever the day: a deal that is found out to be
-- one was never pipeline. A renewal is in no quota.
opportunities as (
    select
        *,
        case when verdict = 'duplicate' then verdict_evidence end as original_opportunity_id
    from {{ ref('fct_opportunities') }}
    where
        motion != 'renewal'
        and verdict != 'excluded'
        and {{ is_source_in_coverage('pipeline_source') }}
),

open_states as (
    select * from {{ ref('fct_opportunity_states') }}
    where stage_group = 'open'
),

exchange_rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

held as (
    select
        days.coverage_date,
        days.day_ended_at,
        spells.opportunity_id,
        opportunities.segment,
        opportunities.motion,
        opportunities.pipeline_source,
        opportunities.original_opportunity_id,
        spells.stage,
        spells.close_date,
        spells.amount,
        spells.currency
    from days
    inner join spells
        on {{ held_at_end_of_day('spells', 'days.day_ended_at') }}
    inner join opportunities
        on spells.opportunity_id = opportunities.opportunity_id
),

originals_open as (
    select
        held.coverage_date,
        held.opportunity_id
    from held
    inner join open_states
        on
            held.original_opportunity_id = open_states.opportunity_id
            and {{ held_at_end_of_day('open_states', 'held.day_ended_at') }}
),

converted as (
    select
        held.coverage_date,
        held.opportunity_id,
        held.segment,
        held.motion,
        held.pipeline_source,
        held.stage,
        held.close_date,
        {{ fiscal_quarter_start('held.close_date') }} as close_quarter_start_date,
        {{ converted('held.amount', 'exchange_rates.conversion_rate') }} as amount
    from held
    left join originals_open
        on
            held.coverage_date = originals_open.coverage_date
            and held.opportunity_id = originals_open.opportunity_id
    left join exchange_rates
        on {{ is_rate_of_day('exchange_rates', 'held.currency', 'held.coverage_date') }}
    where originals_open.opportunity_id is null
)

select * from converted
