-- One row per logged change of a field of an opportunity.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    opportunity_field_change_id,
    opportunity_id,
    field,
    old_value,
    new_value,
    is_id,
    created_at
from {{ ref('stg_' ~ system ~ '__opportunity_field_changes') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
