-- One row per program of the MAP that is not deleted.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    program_id,
    program_name,
    channel,
    program_type,
    status,
    start_date,
    end_date,
    created_at,
    crm_campaign_id
from {{ ref('stg_' ~ system ~ '__programs') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
