-- One row per exchange rate of the CRM.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    exchange_rate_id,
    currency,
    conversion_rate,
    start_date,
    next_start_date
from {{ ref('stg_' ~ system ~ '__exchange_rates') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
