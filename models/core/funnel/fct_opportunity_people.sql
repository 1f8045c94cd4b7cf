-- One row per opportunity and person on it, through a contact role or a lead's conversion.
select
    opportunity_id,
    person_id,
    joined_by,
    joined_at
from {{ ref('int_opportunity_people__joined') }}
