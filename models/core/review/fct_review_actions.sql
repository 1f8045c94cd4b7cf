-- One row per action agreed in a review up to as-of.
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
    is_open,
    is_overdue,
    is_removed,
    changed_on,
    changed_fields
from {{ ref('int_review_actions__aged') }}
