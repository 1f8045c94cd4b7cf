select
    map_lead_id,
    stage_reached,
    outcome,
    won_amount,
    rejection_reason,
    changed_on,
    said_on
from {{ last_published(source('carried', 'map_feedback_log')) }}
