-- The marketing touches that count for a deal, with the anchors that each of them is: what an
-- attribution model gives weight to. They are the first touch, the last one before the lead was
-- created, the last one before the deal was, and the last of all once the deal is closed.
with

touches as (
    select * from {{ ref('fct_opportunity_touches') }}
    where is_marketing
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

people as (
    select * from {{ ref('int_people__created') }}
),

ordered as (
    select
        touches.opportunity_id,
        touches.touch_id,
        touches.touched_at,
        opportunities.first_created_at,
        opportunities.closed_at is not null as is_closed,
        people.lead_creation_at,
        greatest(
            {{ seconds_between('touches.touched_at', 'opportunities.first_created_at') }}, 0
        ) as age_seconds,
        row_number() over (
            partition by touches.opportunity_id
            order by touches.touched_at, touches.touch_id
        ) as touch_number,
        count(*) over (partition by touches.opportunity_id) as touch_count,
        sum(case when touches.phase = 'before_creation' then 1 else 0 end) over (
            partition by touches.opportunity_id
        ) as before_creation_count
    from touches
    inner join opportunities
        on touches.opportunity_id = opportunities.opportunity_id
    left join people
        on touches.person_id = people.person_id
),

first_people as (
    select
        *,
        max(case when touch_number = 1 then lead_creation_at end) over (
            partition by opportunity_id
        ) as first_lead_creation_at
    from ordered
),

lead_counted as (
    select
        *,
        sum(case when touched_at <= first_lead_creation_at then 1 else 0 end) over (
            partition by opportunity_id
        ) as before_lead_count
    from first_people
),

-- Touches are numbered in order of time, so the last of a period is the one whose number is the
-- count of the period. Ties between cents go by id, and its place is sorted once for all models.
anchors as (
    select
        opportunity_id,
        touch_id,
        touch_number,
        touch_count,
        row_number() over (
            partition by opportunity_id
            order by touch_id
        ) as id_number,
        touch_number = 1 as is_first_touch,
        touch_number = before_lead_count as is_lead_creation,
        touch_number = before_creation_count as is_opportunity_creation,
        is_closed and touch_number = touch_count as is_close,
        before_lead_count > 0 as has_lead_creation,
        before_creation_count > 0 as has_opportunity_creation,
        is_closed as has_close,
        age_seconds - min(age_seconds) over (partition by opportunity_id)
            as seconds_older_than_youngest
    from lead_counted
)

select * from anchors
