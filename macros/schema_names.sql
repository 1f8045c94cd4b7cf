{#-
In the file that DuckDB builds a room's schema bears its plain name. On a server, where BI reads
while a run builds, it stands beside the published one: `pipegen_build_marts`.

In a package, schemas are named as those of the project that installed it are.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if project_name != 'pipegen' -%}
        {%- set own = context.get(project_name, {}).get('generate_schema_name') -%}
        {{ (own or dbt.generate_schema_name)(custom_schema_name, node) }}
    {%- elif target.type == 'duckdb' or custom_schema_name is none -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
