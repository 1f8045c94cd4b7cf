-- One row per stretch of an opportunity in which it was in the one reconciled pipeline.
select
    opportunity_id,
    valid_from,
    valid_to,
    stage,
    stage_order,
    amount,
    currency,
    close_date,
    probability
from {{ ref('int_opportunity_spells__reconciled') }}
