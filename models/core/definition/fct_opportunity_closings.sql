-- One row per stretch of an opportunity in which it was won or lost.
select
    opportunity_id,
    valid_from,
    valid_to,
    stage_group,
    closed_at,
    close_day,
    amount
from {{ ref('int_opportunity_closings__dated') }}
