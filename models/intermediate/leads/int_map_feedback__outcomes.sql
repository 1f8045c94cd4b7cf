-- What the MAP should learn about each person that it knows: how far they came, and what all the
-- deals that they are on came to.
with

people as (
    select * from {{ ref('dim_people') }}
    where is_in_map
),

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__by_role_or_conversion') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

summed as (
    select
        opportunity_people.person_id,
        sum(case when opportunities.is_won_once then 1 else 0 end) as won_count,
        sum(case when opportunities.stage_group = 'open' then 1 else 0 end) as open_count,
        cast(
            coalesce(sum(case when opportunities.is_won_once then opportunities.amount end), 0)
            as {{ type_money() }}
        ) as won_amount
    from opportunity_people
    inner join opportunities
        on opportunity_people.opportunity_id = opportunities.opportunity_id
    group by opportunity_people.person_id
),

outcomes as (
    select
        people.person_id,
        people.map_lead_id,
        people.map_lead_ids,
        journeys.stage_reached,
        case
            when summed.won_count > 0 then 'won'
            when summed.open_count > 0 then 'open'
            when summed.person_id is not null then 'lost'
            when journeys.stage_reached in ('won', 'lost') then journeys.stage_reached
            when journeys.rejected_at > journeys.recycled_at then 'rejected'
            when journeys.recycled_at is not null then 'recycled'
            when journeys.rejected_at is not null then 'rejected'
            else 'none'
        end as outcome,
        coalesce(summed.won_amount, 0) as won_amount,
        journeys.rejection_reason
    from people
    inner join journeys
        on people.person_id = journeys.person_id
    left join summed
        on people.person_id = summed.person_id
)

select * from outcomes
