-- Every interaction with a person that CRM and MAP record, under the name that the touch types use.
-- What was entered after as-of with an earlier date was not known at as-of. A view: only one model
-- reads it, and on millions of touches a second copy costs seconds.
{{ config(materialized="view") }}
with

campaign_members as (
    select * from {{ ref('crm_campaign_members') }}
    where has_responded and (created_at <= {{ as_of_at() }} or created_at is null)
),

campaigns as (
    select * from {{ ref('crm_campaigns') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

crm_activities as (
    select * from {{ ref('crm_activities') }}
    where is_done and (created_at <= {{ as_of_at() }} or created_at is null)
),

activities as (
    select * from {{ ref('map_person_activities') }}
),

smart_campaigns as (
    select * from {{ ref('map_smart_campaigns') }}
    where program_id is not null
),

responses as (
    select
        campaign_members.system,
        'campaign:' || coalesce(trim(campaigns.campaign_type), '') as raw_type,
        'campaign:*' as wildcard_type,
        'campaign_member:' || campaign_members.campaign_member_id as touch_id,
        coalesce(campaign_members.first_responded_at, campaign_members.created_at) as touched_at,
        campaign_members.created_at as entered_at,
        case when campaign_members.contact_id is not null then 'contact' else 'lead' end
            as record_type,
        coalesce(campaign_members.contact_id, campaign_members.lead_id) as record_id,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        campaign_members.campaign_id,
        false as is_task_or_meeting
    from campaign_members
    left join campaigns
        on campaign_members.campaign_id = campaigns.campaign_id
),

worked as (
    select
        system,
        raw_type,
        wildcard_type,
        activity_id as touch_id,
        coalesce(happened_at, {{ day_start('activity_date') }}) as touched_at,
        created_at as entered_at,
        cast(null as {{ dbt.type_string() }}) as record_type,
        person_record_id as record_id,
        owner_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        true as is_task_or_meeting
    from crm_activities
),

-- The MAP writes which of a program's smart campaigns did it. Where it does not tell them, the id
-- is taken for the program's.
map_activities as (
    select
        activities.system,
        activities.activity_type as raw_type,
        cast(null as {{ dbt.type_string() }}) as wildcard_type,
        activities.activity_type || ':' || activities.activity_id as touch_id,
        activities.occurred_at as touched_at,
        activities.occurred_at as entered_at,
        'map_lead' as record_type,
        activities.map_lead_id as record_id,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        coalesce(smart_campaigns.program_id, activities.campaign_id) as campaign_id,
        false as is_task_or_meeting
    from activities
    left join smart_campaigns
        on
            activities.system = smart_campaigns.system
            and activities.campaign_id = smart_campaigns.smart_campaign_id
),

unioned as (
    select * from responses
    union all
    select * from worked
    union all
    select * from map_activities
)

select * from unioned
