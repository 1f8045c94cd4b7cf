-- One row per logged change of a field of a contact or lead of the CRM.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    change_id,
    record_type,
    record_id,
    field_key,
    old_value,
    new_value,
    created_at
from {{ ref('stg_' ~ system ~ '__person_field_changes') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
