-- What each attribution model gives of a deal to each channel and campaign. A deal that was entered
-- twice counts once: a duplicate is left out, unless it succeeds its original, which then is.
with

attribution as (
    select * from {{ ref('fct_attribution') }}
),

marketing_touches as (
    select * from {{ ref('fct_touches') }}
    where is_marketing
),

placements as (
    select * from {{ ref('int_touch_placements__numbered') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Numbered once for all models: the least number of several touches is the earliest of them.
touches as (
    select
        marketing_touches.touch_id,
        placements.placement_number,
        row_number() over (
            order by marketing_touches.touched_at, marketing_touches.touch_id
        ) as touch_number
    from marketing_touches
    inner join placements
        on
            marketing_touches.channel = placements.channel
            and coalesce(marketing_touches.campaign_id, '') = coalesce(placements.campaign_id, '')
),

deals as (
    select opportunity_id
    from opportunities
    where
        successor_opportunity_id is null
        and (
            verdict != 'duplicate'
            or exists (
                select 1
                from opportunities as originals
                where originals.successor_opportunity_id = opportunities.opportunity_id
            )
        )
),

summed as (
    select
        attribution.model,
        deals.opportunity_id,
        touches.placement_number,
        min(touches.touch_number) as first_touch_number,
        sum(coalesce(attribution.amount, 0)) as amount
    from attribution
    inner join deals
        on attribution.opportunity_id = deals.opportunity_id
    inner join touches
        on attribution.touch_id = touches.touch_id
    group by attribution.model, deals.opportunity_id, touches.placement_number
)

select * from summed
