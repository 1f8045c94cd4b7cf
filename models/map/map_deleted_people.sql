-- One row per person that was deleted in the MAP.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    '{{ system }}:' || map_lead_id as map_lead_id,
    created_at
from {{ ref('stg_' ~ system ~ '__deleted_people') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
