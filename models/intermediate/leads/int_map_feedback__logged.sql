-- What the MAP was told of each of its leads, and when it last changed. A run as of an earlier day
-- than the last tells it nothing, and so adds nothing.
with

tracked as (
    select * from {{ ref('int_map_feedback__tracked') }}
),

carried as (
    select * from {{ ref('stg_carried__map_feedback') }}
),

said as (
    select
        map_lead_id,
        stage_reached,
        outcome,
        won_amount,
        rejection_reason,
        changed_on,
        {{ as_of_date() }} as said_on
    from tracked
    where not exists (
        select 1
        from carried
        where carried.said_on > {{ as_of_date() }}
    )
),

-- A lead that is merged or deleted in the MAP and comes back is not told anew.
kept as (
    select
        map_lead_id,
        stage_reached,
        outcome,
        won_amount,
        rejection_reason,
        changed_on,
        said_on
    from carried
    where not exists (
        select 1
        from said
        where carried.map_lead_id = said.map_lead_id
    )
),

logged as (
    select * from said
    union all
    select * from kept
)

select * from logged
