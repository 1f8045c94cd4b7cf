-- One row per touch: a dated contact with a person that the touch types count.
with

interactions as (
    select * from {{ ref('int_interactions__all_systems') }}
    where touched_at <= {{ as_of_at() }}
),

touch_types as (
    select
        system,
        {{ match_key('raw_type') }} as raw_type_key,
        touch_kind,
        channel,
        team,
        is_marketing
    from {{ seed('touch_types') }}
),

-- The CRM writes contacts and leads into one column, so only the id says which it is.
people as (
    select
        record_id,
        person_id,
        identified_at
    from {{ ref('int_people__records') }}
    where record_type in ('contact', 'lead', 'map_lead')
),

users as (
    select * from {{ ref('dim_users') }}
),

programs as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id != reported_campaign_id
),

reached as (
    select
        interactions.*,
        people.person_id,
        people.identified_at
    from interactions
    inner join people
        on interactions.record_id = people.record_id
),

counted as (
    select
        reached.touch_id,
        reached.person_id,
        reached.touched_at,
        {{ greatest_known(
            'reached.touched_at', 'reached.entered_at', 'reached.identified_at'
        ) }} as known_at,
        coalesce(exact_types.touch_kind, wildcard_types.touch_kind) as touch_kind,
        coalesce(exact_types.channel, wildcard_types.channel) as channel,
        coalesce(exact_types.team, wildcard_types.team, users.team) as team,
        coalesce(exact_types.is_marketing, wildcard_types.is_marketing) as is_marketing,
        coalesce(programs.reported_campaign_id, reached.campaign_id) as campaign_id,
        reached.is_task_or_meeting
    from reached
    left join programs
        on
            reached.system = programs.system
            and reached.campaign_id = programs.campaign_id
    left join touch_types as exact_types
        on
            reached.system = exact_types.system
            and {{ match_key('reached.raw_type') }} = exact_types.raw_type_key
    left join touch_types as wildcard_types
        on
            exact_types.raw_type_key is null
            and reached.system = wildcard_types.system
            and reached.wildcard_type = wildcard_types.raw_type_key
    left join users
        on reached.owner_id = users.user_id
    where
        exact_types.raw_type_key is not null
        or wildcard_types.raw_type_key is not null
)

select * from counted
