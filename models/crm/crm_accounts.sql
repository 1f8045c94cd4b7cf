-- One row per account of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    account_id,
    account_name,
    industry,
    number_of_employees,
    annual_revenue_amount,
    billing_country,
    parent_account_id,
    owner_id,
    created_at
from {{ ref('stg_' ~ system ~ '__accounts') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
