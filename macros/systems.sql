{#-
The systems that models/crm and models/map unite: of each the staging models stg_<system>__<entities>, with
the columns that the seam names. What else a system needs to be read is its landing and its staging alone.
-#}
{% macro crm_systems() -%}
    {{- return(['salesforce']) -}}
{%- endmacro %}

{% macro map_systems() -%}
    {{- return(['marketo']) -}}
{%- endmacro %}
