-- One row per pair of dates and scope: the deals that were created and closed between the two
with

pairs as (
    select * from {{ ref('int_movement_periods__by_scope') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- What has a successor did not close: not as lost, and its successor counts as a duplicate.
closings as (
    select * from {{ ref('fct_opportunity_outcomes') }}
    where successor_opportunity_id is null
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

bounded as (
    select
        *,
        {{ day_end('from_date') }} as from_end,
        {{ day_end('to_date') }} as to_end
    from pairs
),

closed as (
    select
        bounded.pair_id,
        closings.stage_group,
        closings.amount
    from bounded
    inner join closings
        on
            {{ held_at_end_of_day('closings', 'bounded.to_end') }}
            and bounded.from_end <= closings.closed_at
            and bounded.to_end > closings.closed_at
    inner join opportunities
        on
            closings.opportunity_id = opportunities.opportunity_id
            and bounded.from_end <= opportunities.qualified_at
            and bounded.to_end > opportunities.qualified_at
            and opportunities.verdict != 'duplicate'
    where
        (
            bounded.scope_start_date is null
            or closings.close_day between bounded.scope_start_date and bounded.scope_end_date
        )
        and not exists (
            select 1
            from exclusions
            where
                closings.opportunity_id = exclusions.opportunity_id
                and {{ held_at_end_of_day('exclusions', 'bounded.to_end') }}
        )
),

counted as (
    select
        pairs.from_date,
        pairs.to_date,
        pairs.scope,
        cast(
            sum(case when closed.stage_group = 'won' then 1 else 0 end) as bigint
        ) as won_count,
        cast(
            coalesce(
                sum(case when closed.stage_group = 'won' then closed.amount end), 0
            ) as {{ type_money() }}
        ) as won_amount,
        cast(
            sum(case when closed.stage_group = 'lost' then 1 else 0 end) as bigint
        ) as lost_count,
        cast(
            coalesce(
                sum(case when closed.stage_group = 'lost' then closed.amount end), 0
            ) as {{ type_money() }}
        ) as lost_amount
    from pairs
    left join closed
        on pairs.pair_id = closed.pair_id
    group by pairs.from_date, pairs.to_date, pairs.scope
)

select * from counted
