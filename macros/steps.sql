{#- What a step is called in a picture: sorted as text, the labels of a group are in its order. -#}
{% macro step_label(step_order, step) -%}
    case when {{ step_order }} < 10 then '0' else '' end
    || cast({{ step_order }} as {{ dbt.type_string() }}) || ' ' || replace({{ step }}, '_', ' ')
{%- endmacro %}
