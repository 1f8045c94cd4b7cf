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

deals as (
    select * from {{ ref('int_opportunity_people__as_one_deal') }}
),

-- A deal without an amount was won all the same.
summed as (
    select
        person_id,
        sum(case when stage_group = 'won' then 1 else 0 end) as won_count,
        sum(case when stage_group = 'open' then 1 else 0 end) as open_count,
        cast(
            coalesce(sum(case when stage_group = 'won' then amount end), 0) as {{ type_money() }}
        ) as won_amount
    from deals
    group by person_id
),

-- What sales made of a person who is on no deal: the latest of three, at one instant the last.
handled as (
    select
        *,
        {{ greatest_known('sal_at', 'rejected_at', 'recycled_at') }} as handled_at
    from journeys
),

outcomes as (
    select
        people.person_id,
        people.map_lead_id,
        people.map_lead_ids,
        handled.stage_reached,
        case
            when summed.won_count > 0 then 'won'
            when summed.open_count > 0 then 'open'
            when summed.person_id is not null then 'lost'
            when handled.recycled_at = handled.handled_at then 'recycled'
            when handled.rejected_at = handled.handled_at then 'rejected'
            when handled.sal_at = handled.handled_at then 'accepted'
            else 'none'
        end as outcome,
        coalesce(summed.won_amount, 0) as won_amount,
        handled.rejection_reason
    from people
    inner join handled
        on people.person_id = handled.person_id
    left join summed
        on people.person_id = summed.person_id
)

select * from outcomes
