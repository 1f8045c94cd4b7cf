select
    action_id,
    opened_on,
    team,
    owner,
    action,
    due_on,
    status,
    closed_on,
    outcome,
    metric,
    changed_fields,
    seen_on
from {{ last_published(source('carried', 'review_action_log')) }}
