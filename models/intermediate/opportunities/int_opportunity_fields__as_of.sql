-- Owner and type as they were at as-of, one row per deal.
with

opportunities as (
    select * from {{ ref('int_opportunities__begun') }}
),

versions as (
    select * from {{ ref('int_opportunity_fields__versioned') }}
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
        end as opportunity_type
    from opportunities
    left join owners
        on opportunities.opportunity_id = owners.opportunity_id
    left join types
        on opportunities.opportunity_id = types.opportunity_id
)

select * from resolved
