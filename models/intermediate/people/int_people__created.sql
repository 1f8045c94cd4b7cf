-- When each person was created: by their CRM lead, else their MAP lead, else their contact.
with

records as (
    select * from {{ ref('int_people__records') }}
),

contacts as (
    select * from {{ ref('crm_contacts') }}
),

crm_leads as (
    select * from {{ ref('crm_leads') }}
),

map_leads as (
    select * from {{ ref('map_people') }}
),

-- A record that was merged into another is deleted in its system. Its creation still dates the
-- lead.
merged_records as (
    select * from {{ ref('crm_record_merges') }}
    where created_at <= {{ as_of_at() }}
),

merged_map_leads as (
    select * from {{ ref('map_deleted_people') }}
    where created_at <= {{ as_of_at() }}
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

first_created as (
    select
        records.person_id,
        min(crm_leads.created_at) as crm_lead_created_at,
        min(map_leads.created_at) as map_lead_created_at,
        min(contacts.created_at) as contact_created_at,
        coalesce(
            min(
                case
                    when records.record_type = 'lead'
                        then coalesce(crm_leads.created_at, merged_records.created_at)
                end
            ),
            min(coalesce(map_leads.created_at, merged_map_leads.created_at)),
            min(
                case
                    when records.record_type = 'contact'
                        then coalesce(contacts.created_at, merged_records.created_at)
                end
            )
        ) as lead_creation_at
    from records
    left join crm_leads
        on records.record_type = 'lead' and records.record_id = crm_leads.lead_id
    left join map_leads
        on records.record_type = 'map_lead' and records.record_id = map_leads.map_lead_id
    left join contacts
        on records.record_type = 'contact' and records.record_id = contacts.contact_id
    left join merged_records
        on
            records.record_type = merged_records.record_type
            and records.record_id = merged_records.record_id
    left join merged_map_leads
        on
            records.record_type = 'map_lead'
            and records.record_id = merged_map_leads.map_lead_id
    group by records.person_id
),

created as (
    select
        first_created.person_id,
        first_created.crm_lead_created_at,
        first_created.map_lead_created_at,
        first_created.contact_created_at,
        coalesce(
            first_created.crm_lead_created_at,
            first_created.map_lead_created_at,
            first_created.contact_created_at
        ) as person_created_at,
        first_created.lead_creation_at,
        coalesce(account_merges.surviving_record_id, contacts.account_id) as account_id
    from first_created
    left join contacts
        on first_created.person_id = contacts.contact_id
    left join account_merges
        on contacts.account_id = account_merges.record_id
)

select * from created
