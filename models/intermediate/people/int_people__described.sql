-- What the records of a person say about them today: the owner, lead source and employees of their
-- CRM leads, and the account that the MAP names. Of several records the oldest that says anything
-- has the word, one without a date last; of owners, the latest lead's. A record that was merged
-- into another says nothing, except which account the MAP knows.
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

record_merges as (
    select * from {{ ref('dim_merged_records') }}
),

map_merges as (
    select * from {{ ref('int_map_leads__merged') }}
),

described_records as (
    select
        records.person_id,
        2 as record_order,
        contacts.contact_id as record_id,
        contacts.created_at,
        record_merges.record_id is not null as is_merged,
        contacts.lead_source,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        cast(null as {{ dbt.type_int() }}) as number_of_employees,
        cast(null as {{ dbt.type_string() }}) as account_id
    from records
    inner join contacts
        on records.record_id = contacts.contact_id
    left join record_merges
        on
            contacts.contact_id = record_merges.record_id
            and record_merges.record_type = 'contact'
    where records.record_type = 'contact'
    union all
    select
        records.person_id,
        1 as record_order,
        crm_leads.lead_id as record_id,
        crm_leads.created_at,
        record_merges.record_id is not null as is_merged,
        crm_leads.lead_source,
        crm_leads.owner_id,
        crm_leads.number_of_employees,
        cast(null as {{ dbt.type_string() }}) as account_id
    from records
    inner join crm_leads
        on records.record_id = crm_leads.lead_id
    left join record_merges
        on
            crm_leads.lead_id = record_merges.record_id
            and record_merges.record_type = 'lead'
    where records.record_type = 'lead'
    union all
    select
        records.person_id,
        3 as record_order,
        map_leads.map_lead_id as record_id,
        map_leads.created_at,
        map_merges.map_lead_id is not null as is_merged,
        map_leads.lead_source,
        cast(null as {{ dbt.type_string() }}) as owner_id,
        cast(null as {{ dbt.type_int() }}) as number_of_employees,
        map_leads.crm_account_id as account_id
    from records
    inner join map_leads
        on records.record_id = map_leads.map_lead_id
    left join map_merges
        on map_leads.map_lead_id = map_merges.map_lead_id
    where records.record_type = 'map_lead'
),

keyed as (
    select
        *,
        coalesce(created_at, cast('9999-12-31' as timestamp)) as oldest_at,
        coalesce(created_at, cast('0001-01-01' as timestamp)) as latest_at,
        not is_merged and trim(lead_source) != '' as has_lead_source,
        record_order = 1 and not is_merged as is_lead
    from described_records
),

ranked as (
    select
        *,
        row_number() over (
            partition by person_id
            order by
                case when has_lead_source then 0 else 1 end, record_order, oldest_at, record_id
        ) as source_rank,
        row_number() over (
            partition by person_id
            order by case when is_lead then 0 else 1 end, latest_at desc, record_id desc
        ) as owner_rank,
        row_number() over (
            partition by person_id
            order by
                case when is_lead and number_of_employees is not null then 0 else 1 end,
                oldest_at, record_id
        ) as employees_rank,
        row_number() over (
            partition by person_id
            order by case when account_id is not null then 0 else 1 end, oldest_at, record_id
        ) as account_rank
    from keyed
),

described as (
    select
        person_id,
        max(case when source_rank = 1 and has_lead_source then trim(lead_source) end)
            as lead_source,
        max(case when owner_rank = 1 and is_lead then owner_id end) as lead_owner_id,
        max(case when employees_rank = 1 and is_lead then number_of_employees end)
            as number_of_employees,
        max(case when account_rank = 1 then account_id end) as map_account_id
    from ranked
    group by person_id
)

select * from described
