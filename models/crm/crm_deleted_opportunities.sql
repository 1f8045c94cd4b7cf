-- One row per opportunity that was deleted in the CRM.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    opportunity_id,
    created_at
from {{ ref('stg_' ~ system ~ '__deleted_opportunities') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
