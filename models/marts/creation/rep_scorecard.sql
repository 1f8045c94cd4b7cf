-- One row per week and owner who created net-new pipeline in the quarter so far.
with

net_new as (
    select * from {{ ref('int_net_new__by_week') }}
    where dimension = 'owner_id'
),

teams as (
    select
        owner_id,
        max(owner_team) as team
    from {{ ref('fct_opportunities') }}
    where is_net_new and owner_id is not null
    group by owner_id
),

weeks as (
    select * from {{ ref('dim_dates') }}
    where date_day = week_start
),

scored as (
    select
        net_new.week_start,
        weeks.fiscal_quarter,
        net_new.dimension_value as owner_id,
        teams.team,
        net_new.created_count,
        net_new.created_amount,
        net_new.quarter_to_date
    from net_new
    inner join weeks
        on net_new.week_start = weeks.week_start
    inner join teams
        on net_new.dimension_value = teams.owner_id
)

select * from scored
