-- One row per role of a contact on an opportunity.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    opportunity_contact_role_id,
    opportunity_id,
    contact_id,
    role,
    is_primary,
    created_at
from {{ ref('stg_' ~ system ~ '__opportunity_contact_roles') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
