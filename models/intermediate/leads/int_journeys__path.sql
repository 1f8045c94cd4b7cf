-- Whether a person came to a deal without being sold to: the deal came through self-service, and no
-- seller had touched anyone on it before it began.
with

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

self_serve_deals as (
    select * from {{ ref('fct_opportunities') }}
    where pipeline_source = 'self_serve'
),

touches_before_creation as (
    select * from {{ ref('fct_opportunity_touches') }}
    where phase = 'before_creation'
),

sellers_touches as (
    select * from {{ ref('fct_touches') }}
    where {{ is_selling_team('team') }}
),

sold_to as (
    select distinct self_serve_deals.opportunity_id
    from self_serve_deals
    inner join touches_before_creation
        on self_serve_deals.opportunity_id = touches_before_creation.opportunity_id
    inner join sellers_touches
        on touches_before_creation.touch_id = sellers_touches.touch_id
),

paths as (
    select
        journeys.person_id,
        case
            when self_serve_deals.opportunity_id is not null and sold_to.opportunity_id is null
                then 'self_serve'
            else 'high_touch'
        end as path
    from journeys
    left join self_serve_deals
        on journeys.opportunity_id = self_serve_deals.opportunity_id
    left join sold_to
        on journeys.opportunity_id = sold_to.opportunity_id
)

select * from paths
