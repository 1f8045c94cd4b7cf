-- One row per opportunity, marketing touch and attribution model that gives the touch a weight.
select
    opportunity_id,
    touch_id,
    model,
    weight,
    amount
from {{ ref('int_attribution__allotted') }}
