-- What each attribution model gives of a deal to each channel and campaign. A deal that was entered
-- twice counts once: a duplicate is left out, unless it succeeds its original, which then is.
with

attribution as (
    select * from {{ ref('fct_attribution') }}
),

-- Numbered once for all models: the least number of several touches is the earliest of them.
touches as (
    select
        touch_id,
        channel,
        campaign_id,
        row_number() over (order by touched_at, touch_id) as touch_number
    from {{ ref('fct_touches') }}
    where is_marketing
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

deals as (
    select
        opportunity_id,
        first_created_date,
        stage_group
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
        deals.first_created_date,
        deals.stage_group,
        touches.channel,
        touches.campaign_id,
        min(touches.touch_number) as first_touch_number,
        sum(coalesce(attribution.amount, 0)) as amount
    from attribution
    inner join deals
        on attribution.opportunity_id = deals.opportunity_id
    inner join touches
        on attribution.touch_id = touches.touch_id
    group by
        attribution.model,
        deals.opportunity_id,
        deals.first_created_date,
        deals.stage_group,
        touches.channel,
        touches.campaign_id
)

select * from summed
