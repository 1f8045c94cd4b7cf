-- Who is on a deal, and since when: through a contact role or a lead that was converted into it.
-- Working for the deal's account alone does not put a person on it.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

contact_roles as (
    select * from {{ ref('crm_contact_roles') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

converted_leads as (
    select * from {{ ref('int_leads__converted') }}
),

records as (
    select * from {{ ref('int_people__records') }}
),

entries as (
    select
        contact_roles.opportunity_id,
        records.person_id,
        contact_roles.created_at as entered_at,
        'contact_role' as joined_by
    from contact_roles
    inner join records
        on
            records.record_type = 'contact'
            and contact_roles.contact_id = records.record_id
    union all
    select
        converted_leads.opportunity_id,
        records.person_id,
        converted_leads.converted_at as entered_at,
        'lead_conversion' as joined_by
    from converted_leads
    inner join records
        on
            records.record_type = 'lead'
            and converted_leads.lead_id = records.record_id
),

-- A role or conversion without a date counts as old as its deal, and so does one that is older: no
-- one is on a deal before it began.
dated as (
    select
        opportunities.opportunity_id,
        entries.person_id,
        entries.joined_by,
        {{ greatest_known('opportunities.first_created_at', 'entries.entered_at') }} as joined_at
    from opportunities
    inner join entries
        on opportunities.opportunity_id = entries.opportunity_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id, person_id
            order by joined_at, joined_by
        ) as entry_rank
    from dated
),

joined as (
    select
        opportunity_id,
        person_id,
        joined_by,
        joined_at
    from ranked
    where entry_rank = 1
)

select * from joined
