-- One row per attribution model and campaign, with one for the touches of none.
with

attributed as (
    select
        *,
        row_number() over (
            partition by model, campaign_id
            order by first_touch_number
        ) as touch_rank
    from {{ ref('int_attribution__by_campaign') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id = reported_campaign_id
),

summed as (
    select
        model,
        campaign_id,
        max(case when touch_rank = 1 then channel end) as channel,
        count(distinct opportunity_id) as opportunity_count,
        sum(case when stage_group = 'open' then amount else 0 end) as open_amount,
        sum(case when stage_group = 'won' then amount else 0 end) as won_amount,
        sum(case when stage_group = 'lost' then amount else 0 end) as lost_amount
    from attributed
    group by model, campaign_id
),

returned as (
    select
        summed.model,
        coalesce(summed.campaign_id, 'none') as campaign_id,
        campaigns.campaign_name,
        summed.channel,
        summed.opportunity_count,
        cast(summed.open_amount as {{ type_money() }}) as open_amount,
        cast(summed.won_amount as {{ type_money() }}) as won_amount,
        cast(summed.lost_amount as {{ type_money() }}) as lost_amount,
        campaigns.cost_amount as cost,
        {%- set won_per_cost -%}
        cast(summed.won_amount as {{ type_double() }})
        / nullif(cast(campaigns.cost_amount as {{ type_double() }}), 0)
        {%- endset %}
        cast({{ rounded(won_per_cost, 6) }} as decimal(18, 6)) as won_per_cost
    from summed
    left join campaigns
        on summed.campaign_id = campaigns.campaign_id
)

select * from returned
