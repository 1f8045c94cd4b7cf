-- One row per user of the CRM.
with

users as (
    select * from {{ ref('crm_users') }}
),

user_roles as (
    select * from {{ ref('crm_user_roles') }}
),

team_roles as (
    select * from {{ seed('team_roles') }}
),

with_teams as (
    select
        users.user_id,
        {{ masked('users.user_name') }} as user_name,
        {{ withheld('users.email') }} as email,
        user_roles.role_name,
        coalesce(team_roles.team, 'other') as team,
        users.manager_id,
        users.is_active
    from users
    left join user_roles
        on users.user_role_id = user_roles.user_role_id
    left join team_roles
        on {{ match_key('user_roles.role_name') }} = {{ match_key('team_roles.role_name') }}
)

select * from with_teams
