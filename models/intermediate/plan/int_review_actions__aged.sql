-- What was agreed in reviews up to as-of, and whether it is overdue then. What was struck off the
-- list is neither done nor open.
with

review_actions as (
    select * from {{ ref('int_review_actions__tracked') }}
    where opened_on <= {{ as_of_date() }}
),

aged as (
    select
        action_id,
        opened_on,
        team,
        owner,
        action,
        due_on,
        -- The seed holds the status of today, which an action closed since had not reached.
        case when closed_on > {{ as_of_date() }} then 'open' else status end as status,
        case when closed_on <= {{ as_of_date() }} then closed_on end as closed_on,
        case when closed_on <= {{ as_of_date() }} then outcome end as outcome,
        metric,
        not is_removed and (closed_on is null or closed_on > {{ as_of_date() }}) as is_open,
        is_removed,
        case when changed_fields is not null then seen_on end as changed_on,
        changed_fields
    from review_actions
)

select
    *,
    coalesce(is_open and due_on < {{ as_of_date() }}, false) as is_overdue
from aged
