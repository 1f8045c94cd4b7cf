-- One row per opportunity of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    opportunity_id,
    account_id,
    opportunity_name,
    stage_name,
    amount,
    is_amount_beyond_money,
    probability_percent,
    close_date,
    created_at,
    created_by_id,
    last_modified_at,
    opportunity_type,
    lead_source,
    campaign_id,
    owner_id,
    forecast_category,
    currency,
    pipeline_source,
    is_recycled,
    cloned_from_id,
    close_reason
from {{ ref('stg_' ~ system ~ '__opportunities') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
