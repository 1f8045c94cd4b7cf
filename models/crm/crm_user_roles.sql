-- One row per role that a user of the CRM may have.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    user_role_id,
    role_name
from {{ ref('stg_' ~ system ~ '__user_roles') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
