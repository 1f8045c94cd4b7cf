-- One row per lead of the MAP of which it was ever told anything, with what it was told last.
with

feedback as (
    select * from {{ ref('int_map_feedback__changes') }}
),

carried as (
    select * from {{ ref('stg_carried__map_feedback') }}
),

-- A run as of an earlier day than the last one tells the MAP nothing, so it adds nothing here.
told as (
    select
        map_lead_id,
        stage_reached,
        outcome,
        won_amount,
        rejection_reason,
        changed_on,
        {{ as_of_date() }} as said_on
    from feedback
    where not exists (
        select 1
        from carried
        where carried.said_on > {{ as_of_date() }}
    )
),

-- A lead that disappears from the MAP and comes back is not told the same again.
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
        from told
        where carried.map_lead_id = told.map_lead_id
    )
),

logged as (
    select * from told
    union all
    select * from kept
)

select * from logged
