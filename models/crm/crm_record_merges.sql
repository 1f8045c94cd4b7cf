-- One row per record of the CRM that was merged into another.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    record_type,
    record_id,
    surviving_record_id,
    created_at
from {{ ref('stg_' ~ system ~ '__record_merges') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
