-- One row per action agreed in a review up to as-of.
{{ config(alias="review_actions") }}
-- Named one by one: marts have no names of people, so the owner stays in core.
select
    action_id,
    opened_on,
    team,
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
from {{ ref('fct_review_actions') }}
