-- One row per person whom the MAP knows: what it should learn about them.
with

feedback as (
    select * from {{ ref('int_map_feedback__changes') }}
),

dated as (
    select
        {{ as_of_date() }} as as_of_date,
        person_id,
        map_lead_id,
        map_lead_ids,
        stage_reached,
        outcome,
        won_amount,
        rejection_reason,
        is_changed,
        changed_on
    from feedback
)

select * from dated
