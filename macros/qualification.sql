{#- What makes an opportunity qualified pipeline. -#}

{#- The criteria in their order: of several that fail, the first is named. -#}
{% macro qualification_criteria() -%}
    {{- return(['stage', 'amount', 'close_date', 'source', 'decision_maker']) -}}
{%- endmacro %}


{#-
The first required criterion that a row does not meet, null where it meets all: of a relation with
is_<criterion>_met and requires_<criterion> for each (the stage is always required). The source may
be judged by something else, because it is decided later than the other criteria are known.
-#}
{% macro first_failing_criterion(is_source_met='is_source_met') -%}
    case
        {%- for criterion in qualification_criteria() %}
        {%- set is_met = is_source_met if criterion == 'source' else 'is_' ~ criterion ~ '_met' %}
        when
            {%- if criterion != 'stage' %} requires_{{ criterion }} and{% endif %} not {{ is_met }}
            then '{{ criterion }}'
        {%- endfor %}
    end
{%- endmacro %}
