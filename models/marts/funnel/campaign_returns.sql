-- One row per attribution model and campaign, with one for the touches of none.
with

by_campaign as (
    select * from {{ ref('int_attribution__by_campaign') }}
),

-- Read for themselves: what is read for amounts too would be kept for both, with all its columns.
touched_placements as (
    select
        model,
        opportunity_id,
        placement_number
    from {{ ref('int_attribution__by_campaign') }}
),

placements as (
    select * from {{ ref('int_touch_placements__numbered') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id = reported_campaign_id
),

attributed as (
    select
        by_campaign.model,
        by_campaign.opportunity_id,
        by_campaign.placement_number,
        by_campaign.first_touch_number,
        by_campaign.amount,
        opportunities.stage_group
    from by_campaign
    inner join opportunities
        on by_campaign.opportunity_id = opportunities.opportunity_id
),

by_placement as (
    select
        model,
        placement_number,
        min(first_touch_number) as first_touch_number,
        sum(case when stage_group = 'open' then amount else 0 end) as open_amount,
        sum(case when stage_group = 'won' then amount else 0 end) as won_amount,
        sum(case when stage_group = 'lost' then amount else 0 end) as lost_amount
    from attributed
    group by model, placement_number
),

ranked as (
    select
        by_placement.*,
        placements.channel,
        coalesce(placements.campaign_id, 'none') as campaign_id,
        row_number() over (
            partition by by_placement.model, placements.campaign_id
            order by by_placement.first_touch_number
        ) as touch_rank
    from by_placement
    inner join placements
        on by_placement.placement_number = placements.placement_number
),

summed as (
    select
        model,
        campaign_id,
        max(case when touch_rank = 1 then channel end) as channel,
        sum(open_amount) as open_amount,
        sum(won_amount) as won_amount,
        sum(lost_amount) as lost_amount
    from ranked
    group by model, campaign_id
),

-- A campaign may have touched a deal through two channels, and touched one deal all the same. It is
-- told by the number of one of its placements: a text takes longer on millions of rows.
campaign_numbers as (
    select
        placement_number,
        min(placement_number) over (partition by campaign_id) as campaign_number
    from placements
),

touched as (
    select distinct
        touched_placements.model,
        touched_placements.opportunity_id,
        campaign_numbers.campaign_number
    from touched_placements
    inner join campaign_numbers
        on touched_placements.placement_number = campaign_numbers.placement_number
),

touched_counts as (
    select
        model,
        campaign_number,
        count(*) as opportunity_count
    from touched
    group by model, campaign_number
),

counted as (
    select
        touched_counts.model,
        coalesce(placements.campaign_id, 'none') as campaign_id,
        touched_counts.opportunity_count
    from touched_counts
    inner join placements
        on touched_counts.campaign_number = placements.placement_number
),

returned as (
    select
        summed.model,
        summed.campaign_id,
        campaigns.campaign_name,
        summed.channel,
        counted.opportunity_count,
        cast(summed.open_amount as {{ type_money() }}) as open_amount,
        cast(summed.won_amount as {{ type_money() }}) as won_amount,
        cast(summed.lost_amount as {{ type_money() }}) as lost_amount,
        campaigns.cost_amount as cost,
        {%- set won_per_cost -%}
        cast(summed.won_amount as {{ type_double() }})
        / nullif(cast(campaigns.cost_amount as {{ type_double() }}), 0)
        {%- endset %}
        cast({{ rounded(won_per_cost, 6) }} as decimal(28, 6)) as won_per_cost
    from summed
    inner join counted
        on
            summed.model = counted.model
            and summed.campaign_id = counted.campaign_id
    left join campaigns
        on summed.campaign_id = campaigns.campaign_id
)

select * from returned
