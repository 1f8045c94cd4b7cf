-- One row per lead of the MAP about which anything was reported to it, with the last report.
with

feedback as (
    select * from {{ ref('int_map_feedback__changes') }}
),

carried as (
    select * from {{ ref('stg_carried__map_feedback') }}
),

-- A run as of an earlier day than the last one reports nothing to the MAP, so it adds nothing here.
reported as (
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

-- About a lead that disappears from the MAP and comes back, the same is not reported again.
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
        from reported
        where carried.map_lead_id = reported.map_lead_id
    )
),

logged as (
    select * from reported
    union all
    select * from kept
)

select * from logged
