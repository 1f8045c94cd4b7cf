-- What the MAP should learn about each person, compared with what was reported to it last. A run as
-- of an earlier day than the last one reports no changes: older answers must not overwrite newer
-- ones.
with

outcomes as (
    select * from {{ ref('int_map_feedback__outcomes') }}
),

carried as (
    select * from {{ ref('stg_carried__map_feedback') }}
),

latest as (
    select max(said_on) as said_on
    from carried
),

compared as (
    select
        outcomes.*,
        carried.changed_on as last_changed_on,
        coalesce(latest.said_on > {{ as_of_date() }}, false) as is_earlier_run,
        -- No stage and no reason is ever an empty text, so the empty text can stand for none.
        not coalesce(
            coalesce(outcomes.stage_reached, '') = coalesce(carried.stage_reached, '')
            and outcomes.outcome = carried.outcome
            and outcomes.won_amount = carried.won_amount
            and coalesce(outcomes.rejection_reason, '') = coalesce(carried.rejection_reason, ''),
            false
        ) as is_different
    from outcomes
    cross join latest
    left join carried
        on outcomes.map_lead_id = carried.map_lead_id
),

changes as (
    select
        person_id,
        map_lead_id,
        map_lead_ids,
        stage_reached,
        outcome,
        won_amount,
        rejection_reason,
        is_different and not is_earlier_run as is_changed,
        case
            when is_different and not is_earlier_run then {{ as_of_date() }}
            else last_changed_on
        end as changed_on
    from compared
)

select * from changes
