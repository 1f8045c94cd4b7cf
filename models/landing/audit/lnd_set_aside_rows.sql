-- One row per raw row that stands for nothing, with the reason and the row.
{%- set broken = brought('broken_rows') %}
{%- for label in raw_tables() %}
select
    {{ table_columns(label) }},
    {{ record_key(label) }} as record_key,
    set_aside_reason as reason,
    raw_row as row_json,
    raw_location as location,
    cast(null as {{ dbt.type_bigint() }}) as line
from {{ ref(landing_model(label)) }}
where set_aside_reason is not null
{{ 'union all' if not loop.last or broken }}
{%- endfor %}
{%- if broken %}
select
    system,
    table_name,
    cast(null as {{ dbt.type_string() }}) as record_key,
    'malformed_row' as reason,
    row_text as row_json,
    location,
    line
from {{ broken }}
{%- endif %}
