-- One row per task or meeting of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    activity_id,
    raw_type,
    wildcard_type,
    person_record_id,
    related_record_id,
    account_id,
    owner_id,
    is_done,
    activity_date,
    happened_at,
    created_at
from {{ ref('stg_' ~ system ~ '__activities') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
