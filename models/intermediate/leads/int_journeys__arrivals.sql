-- Everything that says that a person reached a stage of the lifecycle, and when: the creation of
-- their first lead, their statuses, the conversion of a lead, and the first deal that they were on.
with

people as (
    select
        person_id,
        {{ least_known('crm_lead_created_at', 'map_lead_created_at') }} as lead_created_at
    from {{ ref('int_people__created') }}
),

statuses as (
    select * from {{ ref('int_lead_stages__reached') }}
),

converted_leads as (
    select * from {{ ref('int_leads__converted') }}
    where converted_at is not null
),

lead_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'lead'
),

deals as (
    select
        *,
        row_number() over (
            partition by person_id, is_renewal
            order by joined_at, first_created_at, opportunity_id
        ) as deal_number
    from {{ ref('int_opportunity_people__as_one_deal') }}
),

-- Only the first deal counts: one to be won, and one renewal, which follows from a deal that was.
first_deals as (
    select * from deals
    where deal_number = 1
),

arrivals as (
    select
        person_id,
        'inquiry' as lifecycle_stage,
        lead_created_at as arrived_at,
        false as is_imputed,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from people
    where lead_created_at is not null
    union all
    select
        person_id,
        lifecycle_stage,
        arrived_at,
        is_imputed,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from statuses
    union all
    -- Sales converts the leads that it has qualified.
    select
        lead_records.person_id,
        'sql' as lifecycle_stage,
        converted_leads.converted_at as arrived_at,
        false as is_imputed,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from converted_leads
    inner join lead_records
        on converted_leads.lead_id = lead_records.record_id
    union all
    select
        person_id,
        case when is_renewal then 'renewal' else 'opportunity' end as lifecycle_stage,
        joined_at as arrived_at,
        false as is_imputed,
        opportunity_id
    from first_deals
    union all
    -- A person who is added to a deal after it closed reaches its end on that later day.
    select
        person_id,
        stage_group as lifecycle_stage,
        {{ greatest_known('closed_at', 'joined_at') }} as arrived_at,
        false as is_imputed,
        opportunity_id
    from first_deals
    where not is_renewal and stage_group in ('won', 'lost')
)

select * from arrivals
