-- One row per open opportunity that is not excluded.
with

opportunities as (
    select
        opportunities.*,
        {{ deal_entered('opportunities') }} as deal_id
    from {{ ref('fct_opportunities') }} as opportunities
    where opportunities.stage_group = 'open' and not opportunities.is_excluded
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
),

opportunity_touches as (
    select * from {{ ref('fct_opportunity_touches') }}
    where is_marketing
),

touches as (
    select * from {{ ref('fct_touches') }}
),

campaigns as (
    select * from {{ ref('dim_campaigns') }}
    where campaign_id = reported_campaign_id
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__as_one_deal') }}
),

roles as (
    select * from {{ ref('int_opportunity_roles__listed') }}
),

numbered as (
    select
        opportunity_touches.opportunity_id,
        opportunity_touches.touch_id,
        opportunity_touches.person_id,
        opportunity_touches.touched_at,
        opportunity_touches.touched_at > {{ plus_days(as_of_at(), -30) }} as is_within_30_days,
        opportunity_touches.touched_at > {{ plus_days(as_of_at(), -90) }} as is_within_90_days,
        row_number() over (
            partition by opportunity_touches.opportunity_id
            order by opportunity_touches.touched_at desc, opportunity_touches.touch_id desc
        ) as touch_rank
    from opportunities
    inner join opportunity_touches
        on opportunities.opportunity_id = opportunity_touches.opportunity_id
),

counted as (
    select
        opportunity_id,
        {%- for days in [30, 90] %}
        sum(case when is_within_{{ days }}_days then 1 else 0 end) as touches_{{ days }}_days,
        count(distinct case when is_within_{{ days }}_days then person_id end)
            as people_{{ days }}_days,
        {%- endfor %}
        min(touched_at) as first_touch_at,
        max(touched_at) as last_touch_at,
        max(case when touch_rank = 1 then touch_id end) as last_touch_id
    from numbered
    group by opportunity_id
),

people_counts as (
    select
        opportunity_id as deal_id,
        count(*) as person_count
    from opportunity_people
    group by opportunity_id
),

decided as (
    select
        opportunity_id,
        is_decision_maker_met
    from spells
    where {{ held_at_end_of_day('spells', day_end(as_of_date())) }}
),

signals as (
    select
        {{ as_of_date() }} as as_of_date,
        opportunities.opportunity_id,
        opportunities.account_id,
        opportunities.owner_id,
        {%- for column in [
            'touches_30_days', 'touches_90_days', 'people_30_days', 'people_90_days'
        ] %}
        cast(coalesce(counted.{{ column }}, 0) as bigint) as {{ column }},
        {%- endfor %}
        counted.first_touch_at,
        counted.last_touch_at,
        touches.touch_kind as last_touch_kind,
        touches.channel as last_touch_channel,
        touches.campaign_id as last_touch_campaign_id,
        campaigns.campaign_name as last_touch_campaign_name,
        cast(coalesce(people_counts.person_count, 0) as bigint) as person_count,
        roles.roles,
        coalesce(decided.is_decision_maker_met, false) as has_decision_maker
    from opportunities
    left join counted
        on opportunities.opportunity_id = counted.opportunity_id
    left join touches
        on counted.last_touch_id = touches.touch_id
    left join campaigns
        on touches.campaign_id = campaigns.campaign_id
    left join people_counts
        on opportunities.deal_id = people_counts.deal_id
    left join roles
        on opportunities.opportunity_id = roles.opportunity_id
    left join decided
        on opportunities.opportunity_id = decided.opportunity_id
)

select * from signals
