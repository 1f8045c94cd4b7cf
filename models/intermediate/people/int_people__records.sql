-- Every record of CRM and MAP that stands for a person, with the one person that it stands for: the
-- contact, else the CRM lead, else the MAP lead. Merged records are kept for what refers to them.
with

contacts as (
    select * from {{ ref('crm_contacts') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

crm_leads as (
    select * from {{ ref('crm_leads') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

map_leads as (
    select * from {{ ref('map_people') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

record_merges as (
    select * from {{ ref('dim_merged_records') }}
),

converted_leads as (
    select * from {{ ref('int_leads__converted') }}
),

map_merges as (
    select * from {{ ref('int_map_leads__merged') }}
),

contact_people as (
    select
        contacts.contact_id as record_id,
        contacts.contact_id as person_id,
        {{ match_key('contacts.email') }} as email_key,
        contacts.created_at,
        coalesce(contacts.created_at, cast('0001-01-01' as timestamp)) as identified_at
    from contacts
    where not exists (
        select 1
        from record_merges
        where
            record_merges.record_type = 'contact'
            and contacts.contact_id = record_merges.record_id
    )
),

contact_records as (
    select
        record_id,
        person_id,
        identified_at
    from contact_people
    union all
    select
        record_merges.record_id,
        contact_people.person_id,
        contact_people.identified_at
    from record_merges
    inner join contact_people
        on
            record_merges.record_type = 'contact'
            and record_merges.surviving_record_id = contact_people.record_id
),

-- A lead is its contact from its conversion on. Here and below, only records that have a key are
-- looked up by it: where most keys are null, Postgres piles up their rows in an outer join.
conversions as (
    select
        converted_leads.lead_id,
        converted_leads.converted_at,
        contact_records.person_id,
        contact_records.identified_at
    from converted_leads
    inner join contact_records
        on converted_leads.contact_id = contact_records.record_id
),

lead_people as (
    select
        crm_leads.lead_id as record_id,
        coalesce(conversions.person_id, crm_leads.lead_id) as person_id,
        {{ match_key('crm_leads.email') }} as email_key,
        crm_leads.created_at,
        {{ greatest_known(
            "coalesce(crm_leads.created_at, cast('0001-01-01' as timestamp))",
            'conversions.converted_at',
            'conversions.identified_at'
        ) }} as identified_at
    from crm_leads
    left join conversions
        on crm_leads.lead_id = conversions.lead_id
    where not exists (
        select 1
        from record_merges
        where record_merges.record_type = 'lead' and crm_leads.lead_id = record_merges.record_id
    )
),

lead_records as (
    select
        record_id,
        person_id,
        identified_at
    from lead_people
    union all
    select
        record_merges.record_id,
        lead_people.person_id,
        lead_people.identified_at
    from record_merges
    inner join lead_people
        on
            record_merges.record_type = 'lead'
            and record_merges.surviving_record_id = lead_people.record_id
),

-- Of several records with one address, who stay several people, the MAP person is the contact
-- before the lead, then the oldest, one without a date last, then the one of the smaller id.
addresses as (
    select
        email_key,
        person_id,
        identified_at,
        row_number() over (
            partition by email_key
            order by
                record_order, coalesce(created_at, cast('9999-12-31' as timestamp)), record_id
        ) as address_rank
    from (
        select
            email_key,
            record_id,
            person_id,
            created_at,
            identified_at,
            1 as record_order
        from contact_people
        union all
        select
            email_key,
            record_id,
            person_id,
            created_at,
            identified_at,
            2 as record_order
        from lead_people
    ) as addressed
    where email_key is not null
),

map_contacts as (
    select
        map_leads.map_lead_id,
        contact_records.person_id,
        contact_records.identified_at
    from map_leads
    inner join contact_records
        on map_leads.crm_contact_id = contact_records.record_id
),

map_crm_leads as (
    select
        map_leads.map_lead_id,
        lead_records.person_id,
        lead_records.identified_at
    from map_leads
    inner join lead_records
        on map_leads.crm_lead_id = lead_records.record_id
),

map_addresses as (
    select
        map_leads.map_lead_id,
        addresses.person_id,
        addresses.identified_at
    from map_leads
    inner join addresses
        on
            {{ match_key('map_leads.email') }} = addresses.email_key
            and addresses.address_rank = 1
),

map_people as (
    select
        map_leads.map_lead_id as record_id,
        coalesce(
            map_contacts.person_id,
            map_crm_leads.person_id,
            map_addresses.person_id,
            map_leads.map_lead_id
        ) as person_id,
        {{ greatest_known(
            "coalesce(map_leads.created_at, cast('0001-01-01' as timestamp))",
            'coalesce(
                map_contacts.identified_at,
                map_crm_leads.identified_at,
                map_addresses.identified_at
            )'
        ) }} as identified_at
    from map_leads
    left join map_contacts
        on map_leads.map_lead_id = map_contacts.map_lead_id
    left join map_crm_leads
        on map_leads.map_lead_id = map_crm_leads.map_lead_id
    left join map_addresses
        on map_leads.map_lead_id = map_addresses.map_lead_id
    where not exists (
        select 1
        from map_merges
        where map_leads.map_lead_id = map_merges.map_lead_id
    )
),

map_records as (
    select
        record_id,
        person_id,
        identified_at
    from map_people
    union all
    select
        map_merges.map_lead_id as record_id,
        map_people.person_id,
        {{ greatest_known('map_people.identified_at', 'map_merges.merged_at') }} as identified_at
    from map_merges
    inner join map_people
        on map_merges.surviving_map_lead_id = map_people.record_id
),

records as (
    select
        'contact' as record_type,
        record_id,
        person_id,
        identified_at
    from contact_records
    union all
    select
        'lead' as record_type,
        record_id,
        person_id,
        identified_at
    from lead_records
    union all
    select
        'map_lead' as record_type,
        record_id,
        person_id,
        identified_at
    from map_records
)

select * from records
