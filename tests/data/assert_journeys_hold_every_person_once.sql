-- A row is a person without a journey, or a journey without a person.
select
    people.person_id,
    journeys.person_id as journey_person_id
from {{ ref('dim_people') }} as people
full outer join {{ ref('fct_lead_journeys') }} as journeys
    on people.person_id = journeys.person_id
where people.person_id is null or journeys.person_id is null
