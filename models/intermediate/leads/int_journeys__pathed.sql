-- Whether a person came to a deal without being sold to: the deal came through self-service, and no
-- seller had touched anyone of it before.
with

staged as (
    select * from {{ ref('int_journeys__staged') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
    where pipeline_source = 'self_serve'
),

counted as (
    select * from {{ ref('int_opportunity_touches__counted') }}
    where phase = 'before_creation'
),

touches as (
    select * from {{ ref('int_touches__typed') }}
    where team in ('sdr', 'ae')
),

sold_to as (
    select distinct sources.opportunity_id
    from sources
    inner join counted
        on sources.opportunity_id = counted.opportunity_id
    inner join touches
        on counted.touch_id = touches.touch_id
),

pathed as (
    select
        staged.person_id,
        case
            when sources.opportunity_id is not null and sold_to.opportunity_id is null
                then 'self_serve'
            else 'high_touch'
        end as path
    from staged
    left join sources
        on staged.opportunity_id = sources.opportunity_id
    left join sold_to
        on staged.opportunity_id = sold_to.opportunity_id
)

select * from pathed
