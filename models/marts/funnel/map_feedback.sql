-- One row per person whom the MAP knows: what it should learn of them.
with

feedback as (
    select * from {{ ref('fct_map_feedback') }}
),

told as (
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

select * from told
