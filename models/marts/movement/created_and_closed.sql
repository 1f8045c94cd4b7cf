-- One row per pair of dates and scope: the deals that were created and closed between the two
with

periods as (
    select * from {{ ref('dim_movement_periods') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

bounded as (
    select
        *,
        {{ day_end('from_date') }} as from_end,
        {{ day_end('to_date') }} as to_end
    from periods
),

closed as (
    select
        bounded.from_date,
        bounded.to_date,
        closings.stage_group,
        closings.amount,
        closings.close_day >= bounded.target_quarter_start_date
        and closings.close_day <= bounded.target_quarter_end_date as is_in_target_quarter
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
    where not exists (
        select 1
        from exclusions
        where
            closings.opportunity_id = exclusions.opportunity_id
            and {{ held_at_end_of_day('exclusions', 'bounded.to_end') }}
    )
),

scoped as (
    select
        from_date,
        to_date,
        'all' as scope
    from periods
    union all
    select
        from_date,
        to_date,
        target_quarter as scope
    from periods
),

counted as (
    select
        scoped.from_date,
        scoped.to_date,
        scoped.scope,
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
    from scoped
    left join closed
        on
            scoped.from_date = closed.from_date
            and scoped.to_date = closed.to_date
            and (scoped.scope = 'all' or closed.is_in_target_quarter)
    group by scoped.from_date, scoped.to_date, scoped.scope
)

select * from counted
