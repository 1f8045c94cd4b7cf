-- One row per person of the MAP that is not deleted.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    '{{ system }}:' || map_lead_id as map_lead_id,
    map_lead_id as source_id,
    email,
    lead_source,
    created_at,
    crm_lead_id,
    crm_contact_id,
    crm_account_id,
    original_source_type,
    lead_status
from {{ ref('stg_' ~ system ~ '__people') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
