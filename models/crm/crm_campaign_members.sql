-- One row per member of a campaign of the CRM.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    campaign_member_id,
    campaign_id,
    lead_id,
    contact_id,
    status,
    has_responded,
    first_responded_at,
    created_at
from {{ ref('stg_' ~ system ~ '__campaign_members') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
