-- Owner, lead source and close reason of each opportunity as they were at as-of.
with

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

versions as (
    select * from {{ ref('int_opportunity_fields__spells') }}
    where valid_from <= {{ as_of_at() }} and valid_to > {{ as_of_at() }}
),

owners as (
    select * from versions
    where field = 'owner'
),

lead_sources as (
    select * from versions
    where field = 'lead_source'
),

close_reasons as (
    select * from versions
    where field = 'close_reason'
),

resolved as (
    select
        opportunities.opportunity_id,
        case
            when owners.opportunity_id is not null then owners.value
            else opportunities.owner_id
        end as owner_id,
        case
            when lead_sources.opportunity_id is not null then lead_sources.value
            else opportunities.lead_source
        end as lead_source,
        nullif(
            trim(
                case
                    when close_reasons.opportunity_id is not null then close_reasons.value
                    else opportunities.close_reason
                end
            ), ''
        ) as close_reason
    from opportunities
    left join owners
        on opportunities.opportunity_id = owners.opportunity_id
    left join lead_sources
        on opportunities.opportunity_id = lead_sources.opportunity_id
    left join close_reasons
        on opportunities.opportunity_id = close_reasons.opportunity_id
)

select * from resolved
