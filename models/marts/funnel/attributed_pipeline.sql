-- One row per attribution model, channel and campaign.
with

attribution as (
    select * from {{ ref('fct_attribution') }}
),

touches as (
    select * from {{ ref('fct_touches') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

attributed as (
    select
        attribution.model,
        touches.channel,
        touches.campaign_id,
        count(distinct attribution.opportunity_id) as opportunity_count,
        sum(attribution.amount) as amount,
        sum(case when opportunities.stage_group = 'won' then attribution.amount else 0 end)
            as won_amount
    from attribution
    inner join touches
        on attribution.touch_id = touches.touch_id
    inner join opportunities
        on attribution.opportunity_id = opportunities.opportunity_id
    group by attribution.model, touches.channel, touches.campaign_id
),

costed as (
    select
        attributed.model,
        attributed.channel,
        attributed.campaign_id,
        campaigns.campaign_name,
        attributed.opportunity_count,
        cast(coalesce(attributed.amount, 0) as {{ type_money() }}) as amount,
        cast(coalesce(attributed.won_amount, 0) as {{ type_money() }}) as won_amount,
        campaigns.cost_amount as cost
    from attributed
    left join campaigns
        on
            campaigns.system = 'salesforce'
            and attributed.campaign_id = campaigns.campaign_id
)

select * from costed
