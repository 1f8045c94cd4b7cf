-- One row per contact of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    contact_id,
    account_id,
    email,
    lead_source,
    created_at,
    title,
    contact_status
from {{ ref('stg_' ~ system ~ '__contacts') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
