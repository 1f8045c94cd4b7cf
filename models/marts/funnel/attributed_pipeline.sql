-- One row per attribution model, fiscal quarter of creation, channel and campaign.
with

attributed as (
    select
        *,
        {{ fiscal_quarter_start('first_created_date') }} as quarter_start_date
    from {{ ref('int_attribution__by_campaign') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id = reported_campaign_id
),

summed as (
    select
        model,
        quarter_start_date,
        channel,
        campaign_id,
        count(*) as opportunity_count,
        sum(amount) as amount,
        sum(case when stage_group = 'open' then amount else 0 end) as open_amount,
        sum(case when stage_group = 'won' then amount else 0 end) as won_amount,
        sum(case when stage_group = 'lost' then amount else 0 end) as lost_amount
    from attributed
    group by model, quarter_start_date, channel, campaign_id
),

costed as (
    select
        summed.model,
        {{ fiscal_quarter('summed.quarter_start_date') }} as fiscal_quarter,
        summed.channel,
        summed.campaign_id,
        campaigns.campaign_name,
        summed.opportunity_count,
        cast(summed.amount as {{ type_money() }}) as amount,
        cast(summed.open_amount as {{ type_money() }}) as open_amount,
        cast(summed.won_amount as {{ type_money() }}) as won_amount,
        cast(summed.lost_amount as {{ type_money() }}) as lost_amount,
        campaigns.cost_amount as cost
    from summed
    left join campaigns
        on summed.campaign_id = campaigns.campaign_id
)

select * from costed
