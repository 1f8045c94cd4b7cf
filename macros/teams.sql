{#-
Whether a team sells. It is no setting, because the definitions name the two teams wherever it is
asked (11: what makes a path high_touch, and who answers an MQL) and have no word for them.
-#}
{% macro is_selling_team(team) -%}
    {{ team }} in ('sdr', 'ae')
{%- endmacro %}
