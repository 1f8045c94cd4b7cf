-- One row per action and as-of day on which a run first saw it in this form.
with

tracked as (
    select * from {{ ref('int_review_actions__tracked') }}
),

carried as (
    select * from {{ ref('stg_carried__review_actions') }}
),

-- Only another run of the same day overwrites what a run saw.
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
