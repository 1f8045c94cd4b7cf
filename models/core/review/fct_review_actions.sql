-- One row per action agreed in a review up to as-of.
with

review_actions as (
    select * from {{ ref('int_review_actions__tracked') }}
    where opened_on <= {{ as_of_date() }}
),

-- The list holds the status of today, which an action closed after as-of had not reached then. An
-- action that was removed from the list is neither done nor open.
as_of_actions as (
    select
        action_id,
        opened_on,
        team,
        owner,
        action,
        due_on,
        case when closed_on > {{ as_of_date() }} then 'open' else status end as status,
        case when closed_on <= {{ as_of_date() }} then closed_on end as closed_on,
        case when closed_on <= {{ as_of_date() }} then outcome end as outcome,
        metric,
        not is_removed and (closed_on is null or closed_on > {{ as_of_date() }}) as is_open,
        is_removed,
        case when changed_fields is not null then seen_on end as changed_on,
        changed_fields
    from review_actions
),

due as (
    select
        *,
        coalesce(is_open and due_on < {{ as_of_date() }}, false) as is_overdue
    from as_of_actions
)

select * from due
