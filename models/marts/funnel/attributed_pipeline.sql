-- One row per attribution model, fiscal quarter of creation, channel and campaign.
with

by_campaign as (
    select * from {{ ref('int_attribution__by_campaign') }}
),

placements as (
    select * from {{ ref('int_touch_placements__numbered') }}
),

opportunities as (
    select
        opportunity_id,
        {{ fiscal_quarter_start('first_created_date') }} as quarter_start_date,
        stage_group
    from {{ ref('fct_opportunities') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id = reported_campaign_id
),

attributed as (
    select
        by_campaign.model,
        by_campaign.placement_number,
        by_campaign.amount,
        opportunities.quarter_start_date,
        opportunities.stage_group
    from by_campaign
    inner join opportunities
        on by_campaign.opportunity_id = opportunities.opportunity_id
),

summed as (
    select
        model,
        quarter_start_date,
        placement_number,
        count(*) as opportunity_count,
        sum(amount) as amount,
        sum(case when stage_group = 'open' then amount else 0 end) as open_amount,
        sum(case when stage_group = 'won' then amount else 0 end) as won_amount,
        sum(case when stage_group = 'lost' then amount else 0 end) as lost_amount
    from attributed
    group by model, quarter_start_date, placement_number
),

costed as (
    select
        summed.model,
        {{ fiscal_quarter('summed.quarter_start_date') }} as fiscal_quarter,
        placements.channel,
        placements.campaign_id,
        campaigns.campaign_name,
        summed.opportunity_count,
        cast(summed.amount as {{ type_money() }}) as amount,
        cast(summed.open_amount as {{ type_money() }}) as open_amount,
        cast(summed.won_amount as {{ type_money() }}) as won_amount,
        cast(summed.lost_amount as {{ type_money() }}) as lost_amount,
        campaigns.cost_amount as cost
    from summed
    inner join placements
        on summed.placement_number = placements.placement_number
    left join campaigns
        on placements.campaign_id = campaigns.campaign_id
)

select * from costed
