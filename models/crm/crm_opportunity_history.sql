-- One row per row of the CRM's log of opportunities and their stages.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    opportunity_history_id,
    opportunity_id,
    created_at,
    stage_name,
    amount,
    close_date,
    probability_percent,
    forecast_category,
    currency,
    modified_at
from {{ ref('stg_' ~ system ~ '__opportunity_history') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
