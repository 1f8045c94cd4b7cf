-- One row per user of the CRM.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    user_id,
    user_name,
    email,
    user_role_id,
    manager_id,
    is_active
from {{ ref('stg_' ~ system ~ '__users') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
