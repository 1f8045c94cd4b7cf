-- When each person came into being, as the first touch's anchor asks: by the CRM lead, else the
-- MAP lead, else the contact.
with

identified as (
    select * from {{ ref('int_people__identified') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
),

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
),

map_leads as (
    select * from {{ ref('stg_marketo__leads') }}
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

recorded as (
    select
        identified.person_id,
        min(crm_leads.created_at) as crm_lead_created_at,
        min(map_leads.created_at) as map_lead_created_at,
        min(contacts.created_at) as contact_created_at
    from identified
    left join crm_leads
        on identified.record_type = 'lead' and identified.record_id = crm_leads.lead_id
    left join map_leads
        on identified.record_type = 'map_lead' and identified.record_id = map_leads.map_lead_id
    left join contacts
        on identified.record_type = 'contact' and identified.record_id = contacts.contact_id
    group by identified.person_id
),

arrived as (
    select
        recorded.person_id,
        recorded.crm_lead_created_at,
        recorded.map_lead_created_at,
        recorded.contact_created_at,
        coalesce(
            recorded.crm_lead_created_at,
            recorded.map_lead_created_at,
            recorded.contact_created_at
        ) as person_created_at,
        coalesce(account_merges.surviving_record_id, contacts.account_id) as account_id
    from recorded
    left join contacts
        on recorded.person_id = contacts.contact_id
    left join account_merges
        on contacts.account_id = account_merges.record_id
)

select * from arrived
