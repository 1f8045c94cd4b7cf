-- One row per smart campaign of the MAP.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    smart_campaign_id,
    smart_campaign_name,
    program_id
from {{ ref('stg_' ~ system ~ '__smart_campaigns') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
