-- One row per opportunity ever seen: the created date that the CRM gave it then.
select
    opportunity_id,
    created_at,
    seen_on
from {{ ref('int_opportunity_created_dates__first_seen') }}
