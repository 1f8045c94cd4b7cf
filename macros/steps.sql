{#- What a step is called in a picture: sorted as text, the labels of a group are in its order. -#}
{% macro step_label(step_order, step) -%}
    case when {{ step_order }} < 10 then '0' else '' end
    || cast({{ step_order }} as {{ dbt.type_string() }}) || ' ' || replace({{ step }}, '_', ' ')
{%- endmacro %}


{#-
Whether a step is where a way from one amount to another begins or ends. In a picture such a bar stands on
the ground, and nobody adds it to the others.
-#}
{% macro is_total_step(step) -%}
    {{ step }} in ('view_total', 'reconciled', 'claimed', 'net_new', 'opening', 'closing')
{%- endmacro %}
