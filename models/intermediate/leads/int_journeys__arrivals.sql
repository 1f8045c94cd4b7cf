-- Everything that says that a person reached a stage of the lifecycle, and when: their first
-- record, the statuses of their leads, the conversion of a lead, and the first deal that they were
-- on.
with

people as (
    select * from {{ ref('int_people__created') }}
),

statuses as (
    select * from {{ ref('int_lead_stages__first_reached') }}
),

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
    where converted_at <= {{ as_of_at() }}
),

lead_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'lead'
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__by_role_or_conversion') }}
),

opportunities as (
    select
        *,
        motion = 'renewal' as is_renewal
    from {{ ref('fct_opportunities') }}
    where not is_excluded
),

deals as (
    select
        opportunity_people.person_id,
        opportunity_people.opportunity_id,
        opportunity_people.joined_at,
        opportunities.stage_group,
        opportunities.closed_at,
        opportunities.is_renewal,
        row_number() over (
            partition by opportunity_people.person_id, opportunities.is_renewal
            order by opportunity_people.joined_at, opportunity_people.opportunity_id
        ) as deal_number
    from opportunity_people
    inner join opportunities
        on opportunity_people.opportunity_id = opportunities.opportunity_id
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
        person_created_at as arrived_at,
        person_created_at as logged_at,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from people
    union all
    select
        person_id,
        lifecycle_stage,
        arrived_at,
        logged_at,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from statuses
    union all
    -- Sales converts the leads that it has qualified.
    select
        lead_records.person_id,
        'sql' as lifecycle_stage,
        crm_leads.converted_at as arrived_at,
        crm_leads.converted_at as logged_at,
        cast(null as {{ dbt.type_string() }}) as opportunity_id
    from crm_leads
    inner join lead_records
        on crm_leads.lead_id = lead_records.record_id
    union all
    select
        person_id,
        case when is_renewal then 'renewal' else 'opportunity' end as lifecycle_stage,
        joined_at as arrived_at,
        joined_at as logged_at,
        opportunity_id
    from first_deals
    union all
    -- A person who is added to a deal after it closed reaches its end on that later day.
    select
        person_id,
        stage_group as lifecycle_stage,
        {{ greatest_known('closed_at', 'joined_at') }} as arrived_at,
        {{ greatest_known('closed_at', 'joined_at') }} as logged_at,
        opportunity_id
    from first_deals
    where not is_renewal and stage_group in ('won', 'lost')
)

select * from arrivals
