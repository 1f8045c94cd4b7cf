-- One row per person whom the MAP knows, with what it should learn of them.
select
    person_id,
    map_lead_id,
    map_lead_ids,
    stage_reached,
    outcome,
    won_amount,
    rejection_reason,
    is_changed,
    changed_on
from {{ ref('int_map_feedback__tracked') }}
