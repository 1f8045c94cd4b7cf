-- One row per lead of the MAP of which it was ever told anything, with what it was told last.
select
    map_lead_id,
    stage_reached,
    outcome,
    won_amount,
    rejection_reason,
    changed_on,
    said_on
from {{ ref('int_map_feedback__logged') }}
