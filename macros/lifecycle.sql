{#-
The stages of a person's way from inquiry to customer. Their order is stated here and nowhere else:
each of them is a pair of columns in the contract, so a company maps its own statuses to them (seed
lifecycle_statuses) rather than renaming them.
-#}

{#- In their order: whoever is at one of them has come through all before it. -#}
{% macro lifecycle_line() -%}
    {{- return(['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'won', 'renewal']) -}}
{%- endmacro %}


{#- Where a person can be beside that line. -#}
{% macro lifecycle_asides() -%}
    {{- return(['lost', 'rejected', 'recycled']) -}}
{%- endmacro %}


{#- Each stage of the line with the next one. -#}
{% macro lifecycle_pairs() -%}
    {%- set line = lifecycle_line() -%}
    {{- return(zip(line[:-1], line[1:]) | list) -}}
{%- endmacro %}
