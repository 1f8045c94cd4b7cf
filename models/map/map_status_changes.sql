-- One row per logged change of a status of a person of the MAP.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    activity_id,
    '{{ system }}:' || map_lead_id as map_lead_id,
    field_key,
    occurred_at,
    old_status,
    new_status
from {{ ref('stg_' ~ system ~ '__status_changes') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
