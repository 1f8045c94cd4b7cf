-- Why sales rejected a person, in the CRM's own words: the reason on the lead that was rejected
-- first, among the leads that have a reason.
with

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

-- Of a reason that changed after as-of, the first change says what it was before.
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
        and field_key in ({{ custom_field_keys('rejection_reason') }})
),

lead_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'lead'
),

rejections as (
    select * from {{ ref('int_lead_stages__first_reached') }}
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
        lead_records.person_id,
        reasons.rejection_reason,
        row_number() over (
            partition by lead_records.person_id
            order by
                case when rejections.record_id is null then 1 else 0 end,
                rejections.arrived_at,
                reasons.lead_id
        ) as reason_rank
    from reasons
    inner join lead_records
        on reasons.lead_id = lead_records.record_id
    left join rejections
        on reasons.lead_id = rejections.record_id
    where reasons.rejection_reason != ''
),

first_reasons as (
    select
        person_id,
        rejection_reason
    from ranked
    where reason_rank = 1
)

select * from first_reasons
