-- One row per touch: a dated contact with a person that the touch types count.
select
    touch_id,
    person_id,
    touched_at,
    touch_kind,
    channel,
    team,
    is_marketing,
    campaign_id
from {{ ref('int_touches__typed') }}
