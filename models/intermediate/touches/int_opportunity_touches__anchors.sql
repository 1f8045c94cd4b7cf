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

numbered as (
    select
        opportunity_id,
        touch_id,
        person_id,
        touched_at,
        phase,
        row_number() over (
            partition by opportunity_id
            order by touched_at, touch_id
        ) as touch_number,
        row_number() over (
            partition by opportunity_id
            order by touch_id
        ) as id_number
    from touches
),

first_touches as (
    select
        numbered.opportunity_id,
        people.lead_creation_at
    from numbered
    left join people
        on numbered.person_id = people.person_id
    where numbered.touch_number = 1
),

-- Counted apart and joined: to count beside each touch, one would carry it through a window more.
counts as (
    select
        numbered.opportunity_id,
        count(*) as touch_count,
        sum(case when numbered.touched_at <= first_touches.lead_creation_at then 1 else 0 end)
            as before_lead_count,
        sum(case when numbered.phase = 'before_creation' then 1 else 0 end)
            as before_creation_count,
        max(numbered.touched_at) as last_touched_at
    from numbered
    inner join first_touches
        on numbered.opportunity_id = first_touches.opportunity_id
    group by numbered.opportunity_id
),

deals as (
    select
        counts.*,
        opportunities.first_created_at,
        opportunities.closed_at is not null as is_closed,
        greatest(
            {{ seconds_between('counts.last_touched_at', 'opportunities.first_created_at') }}, 0
        )
            as least_age_seconds
    from counts
    inner join opportunities
        on counts.opportunity_id = opportunities.opportunity_id
),

-- Touches are numbered in order of time, so the last of a period is the one whose number is the
-- count of the period. Ties between cents go by id, and its place is sorted once for all models.
anchors as (
    select
        numbered.opportunity_id,
        numbered.touch_id,
        numbered.touch_number,
        deals.touch_count,
        numbered.id_number,
        numbered.touch_number = 1 as is_first_touch,
        numbered.touch_number = deals.before_lead_count as is_lead_creation,
        numbered.touch_number = deals.before_creation_count as is_opportunity_creation,
        deals.is_closed and numbered.touch_number = deals.touch_count as is_close,
        deals.before_lead_count > 0 as has_lead_creation,
        deals.before_creation_count > 0 as has_opportunity_creation,
        deals.is_closed as has_close,
        greatest(
            {{ seconds_between('numbered.touched_at', 'deals.first_created_at') }}, 0
        )
        - deals.least_age_seconds as seconds_older_than_youngest
    from numbered
    inner join deals
        on numbered.opportunity_id = deals.opportunity_id
)

select * from anchors
