-- Every interaction with a person that CRM and MAP record, under the name that the touch types use.
-- A second MAP or CRM is added here. What was entered after as-of with an earlier date was not
-- known at as-of. A view: only one model reads it, and on millions of touches a second copy costs
-- seconds.
{{ config(materialized="view") }}
with

campaign_members as (
    select * from {{ ref('stg_salesforce__campaign_members') }}
    where has_responded and (created_at <= {{ as_of_at() }} or created_at is null)
),

campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

tasks as (
    select * from {{ ref('stg_salesforce__tasks') }}
    where is_closed and (created_at <= {{ as_of_at() }} or created_at is null)
),

events as (
    select * from {{ ref('stg_salesforce__events') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

activities as (
    select * from {{ ref('stg_marketo__activities') }}
),

smart_campaigns as (
    select * from {{ ref('stg_marketo__smart_campaigns') }}
    where program_id is not null
),

responses as (
    select
        'salesforce' as system,
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

closed_tasks as (
    select
        'salesforce' as system,
        'task:' || trim(coalesce(task_type, task_subtype, '')) as raw_type,
        'task:*' as wildcard_type,
        'task:' || task_id as touch_id,
        coalesce(completed_at, {{ day_start('activity_date') }}) as touched_at,
        created_at as entered_at,
        cast(null as {{ dbt.type_string() }}) as record_type,
        person_record_id as record_id,
        owner_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        true as is_task_or_meeting
    from tasks
),

meetings as (
    select
        'salesforce' as system,
        'event' as raw_type,
        cast(null as {{ dbt.type_string() }}) as wildcard_type,
        'event:' || event_id as touch_id,
        started_at as touched_at,
        created_at as entered_at,
        cast(null as {{ dbt.type_string() }}) as record_type,
        person_record_id as record_id,
        owner_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        true as is_task_or_meeting
    from events
),

-- The MAP writes which of a program's smart campaigns did it. Where it does not tell them, the id
-- is taken for the program's.
map_activities as (
    select
        'marketo' as system,
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
        on activities.campaign_id = smart_campaigns.smart_campaign_id
),

unioned as (
    select * from responses
    union all
    select * from closed_tasks
    union all
    select * from meetings
    union all
    select * from map_activities
)

select * from unioned
