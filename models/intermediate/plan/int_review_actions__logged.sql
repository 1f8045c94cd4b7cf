-- Every form in which a run has seen an action. Nothing is overwritten but by another run of the
-- same day.
with

tracked as (
    select * from {{ ref('int_review_actions__tracked') }}
),

carried as (
    select * from {{ ref('stg_carried__review_actions') }}
),

logged as (
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
    from carried
    where not exists (
        select 1
        from tracked
        where carried.action_id = tracked.action_id and carried.seen_on = tracked.seen_on
    )
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
