-- One row per opportunity and touch that counts for it.
select
    opportunity_id,
    touch_id,
    reached_by,
    phase
from {{ ref('int_opportunity_touches__counted') }}
