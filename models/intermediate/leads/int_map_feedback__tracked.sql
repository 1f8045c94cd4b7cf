-- What there is to tell the MAP, beside what it was told last. A run as of an earlier day than
-- the last one has nothing new to say: older answers must not overwrite newer ones.
with

composed as (
    select * from {{ ref('int_map_feedback__composed') }}
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
        composed.*,
        carried.changed_on as last_changed_on,
        coalesce(latest.said_on > {{ as_of_date() }}, false) as is_earlier_run,
        -- Nobody's reason of rejection is empty text.
        not coalesce(
            composed.stage_reached = carried.stage_reached
            and composed.outcome = carried.outcome
            and composed.won_amount = carried.won_amount
            and coalesce(composed.rejection_reason, '') = coalesce(carried.rejection_reason, ''),
            false
        ) as is_different
    from composed
    cross join latest
    left join carried
        on composed.map_lead_id = carried.map_lead_id
),

tracked as (
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

select * from tracked
