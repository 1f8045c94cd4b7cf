-- One row per week, field and owner of deals open at its end: how many have the field wrong.
select
    week_start,
    field,
    owner_id,
    open_count,
    finding_count
from {{ ref('int_field_weeks__counted') }}
