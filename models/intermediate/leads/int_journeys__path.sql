-- Whether a person came without being sold to. On a deal: it came through self-service, and no
-- seller had touched anyone on it before it began. Without one: their lead source is self-service,
-- and no seller has touched them.
with

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

touches_before_creation as (
    select * from {{ ref('fct_opportunity_touches') }}
    where phase = 'before_creation'
),

sellers_touches as (
    select * from {{ ref('fct_touches') }}
    where {{ is_selling_team('team') }}
),

sold_deals as (
    select distinct opportunities.opportunity_id
    from opportunities
    inner join touches_before_creation
        on opportunities.opportunity_id = touches_before_creation.opportunity_id
    inner join sellers_touches
        on touches_before_creation.touch_id = sellers_touches.touch_id
    where opportunities.pipeline_source = 'self_serve'
),

sold_people as (
    select distinct person_id
    from sellers_touches
),

sourced as (
    select
        journeys.person_id,
        case
            when journeys.opportunity_id is null then people.lead_pipeline_source
            else opportunities.pipeline_source
        end as pipeline_source,
        case
            when journeys.opportunity_id is null then sold_people.person_id is not null
            else sold_deals.opportunity_id is not null
        end as is_sold_to
    from journeys
    inner join people
        on journeys.person_id = people.person_id
    left join opportunities
        on journeys.opportunity_id = opportunities.opportunity_id
    left join sold_deals
        on journeys.opportunity_id = sold_deals.opportunity_id
    left join sold_people
        on journeys.person_id = sold_people.person_id
),

paths as (
    select
        person_id,
        case
            when pipeline_source = 'self_serve' and not is_sold_to then 'self_serve'
            else 'high_touch'
        end as path
    from sourced
)

select * from paths
