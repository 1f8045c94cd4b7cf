-- A row is a person in the MAP without feedback, or with feedback that differs from their journey,
-- or feedback about a person who is not in the MAP.
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
    where is_in_map
),

feedback as (
    select * from {{ ref('map_feedback') }}
)

select
    journeys.person_id,
    feedback.person_id as feedback_person_id,
    journeys.stage_reached,
    feedback.stage_reached as fed_back_stage
from journeys
full outer join feedback
    on journeys.person_id = feedback.person_id
where
    journeys.person_id is null
    or feedback.person_id is null
    or journeys.stage_reached != feedback.stage_reached
    or journeys.rejection_reason is distinct from feedback.rejection_reason
    or (feedback.won_amount > 0 and feedback.outcome != 'won')
