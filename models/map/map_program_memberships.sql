-- One row per membership of a person in a program of the MAP.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    '{{ system }}:' || map_lead_id as map_lead_id,
    program_id,
    joined_at,
    progression_status,
    has_reached_success,
    reached_success_at
from {{ ref('stg_' ~ system ~ '__program_memberships') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
