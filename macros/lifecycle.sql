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


{#- Pairs of stages whose conversion is told: each stage with the next, and MQL to SQL across SAL. -#}
{% macro lifecycle_conversions() -%}
    {{- return(lifecycle_pairs() + [('mql', 'sql')]) -}}
{%- endmacro %}


{#-
Whether a field of a record is one that holds its status: one that lifecycle_fields names for its kind
(`salesforce.lead`), as its log is keyed; a person of a MAP is a `map_lead` whatever the MAP calls it. A
company may name none.
-#}
{% macro is_lifecycle_field(system, record_type, field_key) -%}
    (
        {%- for kind, fields in var('lifecycle_fields').items() if fields %}
        {%- set keys = [] -%}
        {%- for field in fields -%}
            {%- set key = field | lower | replace('__c', '') | replace('_', '') | replace(' ', '') -%}
            {%- if key not in keys %}{% do keys.append(key) %}{% endif -%}
        {%- endfor %}
        (
            {{ system }} = '{{ kind.split('.')[0] }}'
            and {{ record_type }} in ('{{ kind.split('.')[1] }}', 'map_lead')
            and {{ field_key }} in ('{{ keys | join("', '") }}')
        ) or
        {%- endfor %}
        1 = 0
    )
{%- endmacro %}
