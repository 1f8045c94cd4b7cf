-- One row per activity of a person that the MAP logged.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    activity_id,
    '{{ system }}:' || map_lead_id as map_lead_id,
    activity_type,
    occurred_at,
    campaign_id
from {{ ref('stg_' ~ system ~ '__person_activities') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
