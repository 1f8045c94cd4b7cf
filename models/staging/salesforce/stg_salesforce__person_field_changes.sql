{%- set records = ['lead', 'contact'] %}
{%- for record in records %}
select
    id as change_id,
    '{{ record }}' as record_type,
    {{ record }}_id as record_id,
    {{ field_key('field') }} as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ ref('lnd_salesforce__' ~ record ~ '_history') }}
where set_aside_reason is null and not is_deleted
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
