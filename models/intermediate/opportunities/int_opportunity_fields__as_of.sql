-- Owner, type and lead source as they were at as-of, one row per deal.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

versions as (
    select * from {{ ref('fct_opportunity_field_spells') }}
    where valid_from <= {{ as_of_at() }} and valid_to > {{ as_of_at() }}
),

owners as (
    select * from versions
    where field = 'owner'
),

types as (
    select * from versions
    where field = 'type'
),

lead_sources as (
    select * from versions
    where field = 'lead_source'
),

resolved as (
    select
        opportunities.opportunity_id,
        case
            when owners.opportunity_id is not null then owners.value
            else opportunities.owner_id
        end as owner_id,
        case
            when types.opportunity_id is not null then types.value
            else opportunities.opportunity_type
        end as opportunity_type,
        case
            when lead_sources.opportunity_id is not null then lead_sources.value
            else opportunities.lead_source
        end as lead_source
    from opportunities
    left join owners
        on opportunities.opportunity_id = owners.opportunity_id
    left join types
        on opportunities.opportunity_id = types.opportunity_id
    left join lead_sources
        on opportunities.opportunity_id = lead_sources.opportunity_id
)

select * from resolved
