-- Why sales turned a person down, in the words of the CRM: of the lead that was rejected first,
-- among those that bear a reason.
with

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

{%- set reason_field = var('custom_columns')['rejection_reason'] | lower %}

-- A reason that changed since as-of is known by what it was before.
later_changes as (
    select
        lead_id,
        old_value,
        row_number() over (
            partition by lead_id
            order by created_at, lead_history_id
        ) as change_number
    from {{ ref('stg_salesforce__lead_history') }}
    where
        created_at > {{ as_of_at() }}
        and field_key in (
            '{{ reason_field | replace("_", "") }}',
            '{{ (reason_field ~ "$") | replace("__c$", "") | replace("_c$", "")
                | replace("$", "") | replace("_", "") }}'
        )
),

people as (
    select * from {{ ref('int_people__identified') }}
    where record_type = 'lead'
),

rejections as (
    select * from {{ ref('int_lead_statuses__mapped') }}
    where record_type = 'lead' and lifecycle_stage = 'rejected'
),

reasons as (
    select
        crm_leads.lead_id,
        trim(
            case
                when later_changes.lead_id is not null then later_changes.old_value
                else crm_leads.rejection_reason
            end
        ) as rejection_reason
    from crm_leads
    left join later_changes
        on
            crm_leads.lead_id = later_changes.lead_id
            and later_changes.change_number = 1
),

ranked as (
    select
        people.person_id,
        reasons.rejection_reason,
        row_number() over (
            partition by people.person_id
            order by
                case when rejections.record_id is null then 1 else 0 end,
                rejections.arrived_at,
                reasons.lead_id
        ) as reason_rank
    from reasons
    inner join people
        on reasons.lead_id = people.record_id
    left join rejections
        on reasons.lead_id = rejections.record_id
    where reasons.rejection_reason != ''
),

reasoned as (
    select
        person_id,
        rejection_reason
    from ranked
    where reason_rank = 1
)

select * from reasoned
