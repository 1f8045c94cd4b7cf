-- The deals that were closed as of each coverage day and not excluded then, with whether they
-- count for the rates and whether their money counts as won.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
),

classified as (
    select * from {{ ref('int_opportunities__classified') }}
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

closed as (
    select
        days.coverage_date,
        days.day_ended_at,
        days.quarter_start_date,
        days.window_start_date,
        closings.opportunity_id,
        closings.stage_group,
        closings.closed_at,
        closings.close_day,
        closings.amount
    from days
    inner join closings
        on
            days.day_ended_at > closings.valid_from
            and (days.day_ended_at <= closings.valid_to or closings.valid_to is null)
    where not exists (
        select 1
        from exclusions
        where
            closings.opportunity_id = exclusions.opportunity_id
            and exclusions.valid_from < days.day_ended_at
            and exclusions.valid_to >= days.day_ended_at
    )
),

counted as (
    select
        closed.coverage_date,
        closed.opportunity_id,
        classified.segment,
        classified.motion,
        closed.stage_group,
        closed.close_day,
        closed.amount,
        -- A deal that never qualified bears no instant to compare, and is in no rate.
        coalesce(classified.qualified_at < closed.day_ended_at, false)
        and classified.original_opportunity_id is null
        and classified.is_source_counted
        and closed.close_day >= closed.window_start_date
        and closed.close_day < closed.quarter_start_date as is_in_rates,
        closed.stage_group = 'won'
        and (originals.stage_group is distinct from 'won') as is_won_money,
        {{ fiscal_quarter_start(business_date('classified.qualified_at')) }}
        = {{ fiscal_quarter_start('closed.close_day') }} as is_closed_in_quarter_created,
        cast(
            {{ seconds_between('classified.qualified_at', 'closed.closed_at') }}
            as {{ type_double() }}
        ) / 86400 as cycle_days
    from closed
    inner join classified
        on closed.opportunity_id = classified.opportunity_id
    left join closed as originals
        on
            closed.coverage_date = originals.coverage_date
            and classified.original_opportunity_id = originals.opportunity_id
)

select * from counted
