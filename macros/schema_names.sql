{#- A room's schema bears its plain name on every target: BI tools rely on `core` and `marts`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
