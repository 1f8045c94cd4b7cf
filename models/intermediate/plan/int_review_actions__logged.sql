-- Every form in which a run has seen an action.
with

tracked as (
    select * from {{ ref('int_review_actions__tracked') }}
),

carried as (
    select * from {{ ref('stg_carried__review_actions') }}
),

-- Nothing is overwritten but by another run of the same day.
kept as (
    select carried.*
    from carried
    left join tracked
        on carried.action_id = tracked.action_id and carried.seen_on = tracked.seen_on
    where tracked.action_id is null
),

logged as (
    select
        action_id,
        opened_on,
        team,
        {{ masked('owner') }} as owner,
        action,
        due_on,
        status,
        closed_on,
        outcome,
        metric,
        changed_fields,
        seen_on
    from kept
    union all
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
    from tracked
)

select * from logged
