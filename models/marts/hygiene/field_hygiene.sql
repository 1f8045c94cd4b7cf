-- One row per week, field and owner of deals open at its end: the share with the field right.
with

weeks as (
    select * from {{ ref('int_field_weeks__flaw_counts') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

rated as (
    select
        weeks.week_start,
        {{ date_plus_days('weeks.week_start', 6) }} <= {{ as_of_date() }} as is_period_end,
        weeks.field,
        weeks.owner_id,
        users.team as owner_team,
        weeks.open_count,
        weeks.finding_count,
        1 - cast(weeks.finding_count as {{ type_double() }}) / weeks.open_count as pass_rate
    from weeks
    left join users
        on weeks.owner_id = users.user_id
),

-- A week in which the owner had no open deal is no week to compare with.
trended as (
    select
        rated.*,
        rated.pass_rate - weeks_before.pass_rate as pass_rate_change
    from rated
    left join rated as weeks_before
        on
            {{ date_plus_days('weeks_before.week_start', 7) }} = rated.week_start
            and rated.field = weeks_before.field
            and coalesce(rated.owner_id, '') = coalesce(weeks_before.owner_id, '')
)

select * from trended
