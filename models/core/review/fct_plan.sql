-- One row per fiscal quarter from the running one to the fifth after it: what the plan rests on.
select
    fiscal_quarter,
    quarter_start_date,
    capacity_amount,
    creation_required_amount,
    created_amount,
    quota,
    won_amount,
    forecast_amount,
    is_capacity_enough,
    is_creation_on_pace,
    is_forecast_enough
from {{ ref('int_plan__judged') }}
