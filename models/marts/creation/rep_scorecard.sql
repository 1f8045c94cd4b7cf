-- One row per week and owner of net-new pipeline against the owner's target.
with

weeks as (
    select * from {{ ref('fct_creation_weeks') }}
    where dimension = 'owner_id'
),

users as (
    select * from {{ ref('dim_users') }}
),

scored as (
    select
        weeks.week_start,
        weeks.fiscal_quarter,
        weeks.dimension_value as owner_id,
        coalesce(users.team, 'other') as team,
        weeks.created_count,
        weeks.created_amount,
        weeks.target_amount,
        weeks.quarter_to_date,
        weeks.quarter_target,
        weeks.attainment,
        weeks.pace,
        weeks.behind_pct
    from weeks
    left join users
        on weeks.dimension_value = users.user_id
)

select * from scored
