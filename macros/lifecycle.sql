{#-
The stages of the lead lifecycle, from inquiry to renewal. Their order is stated here and nowhere
else. It is no setting, because each of them is a pair of columns in the contract: a company maps its
own statuses to them in the seed lifecycle_statuses.
-#}

{#- In their order: a person at one of them has come through all that are before it. -#}
{% macro lifecycle_line() -%}
    {{- return(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'won', 'renewal']) -}}
{%- endmacro %}


{#- Stages that are not on that line. -#}
{% macro lifecycle_asides() -%}
    {{- return(['lost', 'rejected', 'recycled']) -}}
{%- endmacro %}


{#- Each stage of the line with the next one. -#}
{% macro lifecycle_pairs() -%}
    {%- set line = lifecycle_line() -%}
    {{- return(zip(line[:-1], line[1:]) | list) -}}
{%- endmacro %}
