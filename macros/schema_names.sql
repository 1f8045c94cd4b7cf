{#-
In the file that DuckDB builds a room's schema bears its plain name. On a server, where BI reads
while a run builds, it stands beside the published one: `pipegen_build_marts`.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.type == 'duckdb' or custom_schema_name is none -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
