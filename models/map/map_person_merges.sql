-- One row per merge of people in the MAP.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    activity_id,
    '{{ system }}:' || surviving_map_lead_id as surviving_map_lead_id,
    merged_at,
    merged_map_lead_ids
from {{ ref('stg_' ~ system ~ '__person_merges') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
