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


{#- The fields of a kind of record (`salesforce.lead`) that hold a status, as their logs are keyed. -#}
{% macro lifecycle_field_keys(record_kind) -%}
    {%- set keys = [] -%}
    {%- for field in var('lifecycle_fields')[record_kind] -%}
        {%- set key = field | lower | replace('__c', '') | replace('_', '') | replace(' ', '') -%}
        {%- if key not in keys %}{% do keys.append(key) %}{% endif -%}
    {%- endfor -%}
    {{- return(keys) -}}
{%- endmacro %}


{#- Whether a logged field is one of them. A company may name none. -#}
{% macro is_lifecycle_field(field_key, record_kind) -%}
    {%- set keys = lifecycle_field_keys(record_kind) -%}
    {{ field_key }} in ('{{ keys | join("', '") }}')
{%- endmacro %}
