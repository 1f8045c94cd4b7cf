-- One row per campaign of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    campaign_id,
    campaign_name,
    campaign_type,
    status,
    start_date,
    end_date,
    cost_amount,
    parent_campaign_id,
    created_at
from {{ ref('stg_' ~ system ~ '__campaigns') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
