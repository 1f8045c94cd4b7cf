{#-
Whether a team sells. It is no setting, because the definitions name the two teams wherever it is
asked (11: what makes a path high_touch, and who answers an MQL) and have no word for them.
-#}
{% macro is_selling_team(team) -%}
    {{ team }} in ('sdr', 'ae')
{%- endmacro %}


{#-
The team that answers for a source which falls behind: the one of the source's name, and marketing for
a source that is no team (definitions 10).
-#}
{% macro team_of_source(pipeline_source) -%}
    case
            when {{ pipeline_source }} in ('sdr', 'ae', 'marketing', 'partner', 'cs', 'other')
                then {{ pipeline_source }}
            else 'marketing'
        end
{%- endmacro %}
