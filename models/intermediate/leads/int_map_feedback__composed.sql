-- What there is to tell the MAP of each person that it knows.
with

people as (
    select * from {{ ref('int_people__described') }}
    where is_in_map
),

staged as (
    select * from {{ ref('int_journeys__staged') }}
),

rejections as (
    select * from {{ ref('int_lead_rejections__reasoned') }}
),

joined as (
    select * from {{ ref('int_opportunity_people__joined') }}
),

judged as (
    select * from {{ ref('int_opportunities__verdicts') }}
    where verdict != 'excluded'
),

presented as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

-- A deal entered twice and won twice was won once.
deals as (
    select
        joined.person_id,
        presented.stage_group,
        presented.amount,
        presented.stage_group = 'won'
        and not (
            judged.verdict = 'duplicate' and coalesce(originals.stage_group = 'won', false)
        ) as is_won_once
    from joined
    inner join judged
        on joined.opportunity_id = judged.opportunity_id
    inner join presented
        on joined.opportunity_id = presented.opportunity_id
    left join presented as originals
        on judged.verdict_evidence = originals.opportunity_id
),

summed as (
    select
        person_id,
        sum(case when is_won_once then 1 else 0 end) as won_count,
        sum(case when stage_group = 'open' then 1 else 0 end) as open_count,
        cast(coalesce(sum(case when is_won_once then amount end), 0) as {{ type_money() }})
            as won_amount
    from deals
    group by person_id
),

composed as (
    select
        people.person_id,
        people.map_lead_id,
        people.map_lead_ids,
        staged.stage_reached,
        case
            when summed.won_count > 0 then 'won'
            when summed.open_count > 0 then 'open'
            when summed.person_id is not null then 'lost'
            when staged.stage_reached in ('won', 'lost') then staged.stage_reached
            when staged.rejected_at > staged.recycled_at then 'rejected'
            when staged.recycled_at is not null then 'recycled'
            when staged.rejected_at is not null then 'rejected'
            else 'none'
        end as outcome,
        coalesce(summed.won_amount, 0) as won_amount,
        case
            when staged.rejected_at is not null
                then coalesce(rejections.rejection_reason, 'not_given')
        end as rejection_reason
    from people
    inner join staged
        on people.person_id = staged.person_id
    left join summed
        on people.person_id = summed.person_id
    left join rejections
        on people.person_id = rejections.person_id
)

select * from composed
