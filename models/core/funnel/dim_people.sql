-- One row per person: the contact, else the CRM lead, else the MAP lead that they stand as.
with

records as (
    select * from {{ ref('int_people__records') }}
),

created as (
    select * from {{ ref('int_people__created') }}
),

described as (
    select * from {{ ref('int_people__described') }}
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

map_merges as (
    select * from {{ ref('int_map_leads__merged') }}
),

record_merges as (
    select * from {{ ref('dim_merged_records') }}
),

-- Every record of a person that the CRM's files hold, also one that was created after as-of: only
-- what none of them holds is gone.
known_records as (
    select
        'contact' as record_type,
        contact_id as record_id
    from contacts
    union distinct
    select
        'lead' as record_type,
        lead_id as record_id
    from crm_leads
    union distinct
    select
        record_type,
        record_id
    from record_merges
    where record_type in ('contact', 'lead')
),

-- The records of the CRM that a MAP lead names.
named_records as (
    select
        map_lead_id,
        'contact' as record_type,
        crm_contact_id as record_id
    from map_leads
    where crm_contact_id is not null
    union all
    select
        map_lead_id,
        'lead' as record_type,
        crm_lead_id as record_id
    from map_leads
    where crm_lead_id is not null
),

links as (
    select
        named_records.map_lead_id,
        max(case when records.record_id is not null then 1 else 0 end) as linked_flag,
        max(case when known_records.record_id is not null then 1 else 0 end) as known_flag
    from named_records
    left join records
        on
            named_records.record_type = records.record_type
            and named_records.record_id = records.record_id
    left join known_records
        on
            named_records.record_type = known_records.record_type
            and named_records.record_id = known_records.record_id
    group by named_records.map_lead_id
),

account_merges as (
    select * from record_merges
    where record_type = 'account'
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

segments as (
    select * from {{ seed('segments') }}
),

source_rules as (
    select
        {{ match_key('value') }} as lead_source_key,
        pipeline_source,
        row_number() over (
            partition by {{ match_key('value') }}
            order by priority
        ) as rule_rank
    from {{ seed('source_rules') }}
    where rule = 'lead_source'
),

crm_records as (
    select
        records.person_id,
        records.record_type,
        records.record_id,
        coalesce(contacts.email, crm_leads.email) as email
    from records
    left join contacts
        on records.record_type = 'contact' and records.record_id = contacts.contact_id
    left join crm_leads
        on records.record_type = 'lead' and records.record_id = crm_leads.lead_id
    where
        records.record_type in ('contact', 'lead')
        and not exists (
            select 1
            from record_merges
            where
                records.record_type = record_merges.record_type
                and records.record_id = record_merges.record_id
        )
),

crm_people as (
    select
        person_id,
        min(case when record_type = 'contact' then record_id end) as contact_id,
        min(case when record_type = 'lead' then record_id end) as crm_lead_id,
        sum(case when record_type = 'lead' then 1 else 0 end) as crm_lead_count,
        max(case when {{ match_key('email') }} != '' then 1 else 0 end) = 1 as has_email
    from crm_records
    group by person_id
),

-- A lead that the MAP merged away is reached under the id of the lead that it was merged into.
map_records as (
    select
        records.person_id,
        map_leads.source_id,
        {{ match_key('map_leads.email') }} != '' as has_email,
        coalesce(links.linked_flag, 0) = 1 as is_linked_by_id,
        coalesce(links.known_flag, 1) = 0 as is_crm_record_gone,
        row_number() over (
            partition by records.person_id
            order by
                case when map_leads.created_at is null then 1 else 0 end,
                map_leads.created_at,
                map_leads.map_lead_id
        ) as lead_rank
    from records
    inner join map_leads
        on records.record_id = map_leads.map_lead_id
    left join links
        on map_leads.map_lead_id = links.map_lead_id
    where
        records.record_type = 'map_lead'
        and not exists (
            select 1
            from map_merges
            where map_leads.map_lead_id = map_merges.map_lead_id
        )
),

map_people as (
    select
        person_id,
        max(case when lead_rank = 1 then source_id end) as map_lead_id,
        {{ dbt.listagg(
            measure="source_id",
            delimiter_text="','",
            order_by_clause="order by lead_rank",
        ) }} as map_lead_ids,
        count(*) as map_lead_count,
        max(case when has_email then 1 else 0 end) = 1 as has_email,
        max(case when is_linked_by_id then 1 else 0 end) = 1 as is_linked_by_id,
        max(case when is_crm_record_gone then 1 else 0 end) = 1 as is_crm_record_gone
    from map_records
    group by person_id
),

joined as (
    select
        created.person_id,
        created.person_created_at,
        coalesce(
            created.account_id, account_merges.surviving_record_id, described.map_account_id
        ) as account_id,
        described.lead_owner_id,
        described.lead_source,
        described.number_of_employees,
        crm_people.contact_id,
        crm_people.crm_lead_id,
        coalesce(crm_people.crm_lead_count, 0) as crm_lead_count,
        map_people.map_lead_id,
        map_people.map_lead_ids,
        coalesce(map_people.map_lead_count, 0) as map_lead_count,
        crm_people.person_id is not null as is_in_crm,
        map_people.person_id is not null as is_in_map,
        coalesce(map_people.is_linked_by_id, false) as is_linked_by_id,
        coalesce(map_people.is_crm_record_gone, false) as is_crm_record_gone,
        coalesce(crm_people.has_email, false) or coalesce(map_people.has_email, false) as has_email
    from created
    left join described
        on created.person_id = described.person_id
    left join crm_people
        on created.person_id = crm_people.person_id
    left join map_people
        on created.person_id = map_people.person_id
    left join account_merges
        on described.map_account_id = account_merges.record_id
),

-- Most inquiries have no account yet: what the lead says about its company is all that is known.
described_people as (
    select
        joined.person_id,
        joined.person_created_at,
        joined.account_id,
        case
            when accounts.segment != 'unknown' then accounts.segment
            else coalesce(segments.segment, 'unknown')
        end as segment,
        coalesce(joined.lead_owner_id, accounts.owner_id, 'unassigned') as owner_id,
        joined.lead_source,
        source_rules.pipeline_source as lead_pipeline_source,
        joined.contact_id,
        joined.crm_lead_id,
        cast(joined.crm_lead_count as bigint) as crm_lead_count,
        joined.map_lead_id,
        joined.map_lead_ids,
        joined.map_lead_count,
        joined.is_in_crm,
        joined.is_in_map,
        joined.is_linked_by_id,
        joined.is_crm_record_gone,
        joined.has_email
    from joined
    left join accounts
        on joined.account_id = accounts.account_id
    left join segments
        on
            coalesce(accounts.segment, 'unknown') = 'unknown'
            and {{ is_in_segment('joined.number_of_employees', 'segments') }}
    left join source_rules
        on
            {{ match_key('joined.lead_source') }} = source_rules.lead_source_key
            and source_rules.rule_rank = 1
)

select * from described_people
