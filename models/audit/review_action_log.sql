-- One row per action and as-of day on which a run first saw it in this form.
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
from {{ ref('int_review_actions__logged') }}
