-- One row per opportunity, marketing touch and attribution model that gives the touch a weight.
-- Who adds up the amounts of two models counts a deal twice: readers want one.
{{ config(partition_by=in_folders_by('model')) }}

select
    opportunity_id,
    touch_id,
    model,
    weight,
    amount
from {{ ref('int_attribution__allotted') }}
