-- One row per stretch of an opportunity in which nothing that matters to pipeline changed.
select
    opportunity_id,
    valid_from,
    valid_to,
    stage,
    stage_order,
    stage_group,
    is_late_stage,
    amount,
    currency,
    close_date,
    probability,
    forecast_category,
    is_imputed
from {{ ref('int_opportunity_states__built') }}
