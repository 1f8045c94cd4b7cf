{#- Seeds are matched against raw text trimmed and without case. -#}
{% macro match_key(text) -%}
    lower(trim({{ text }}))
{%- endmacro %}


{#- The CRM's 0-100 as 0-1; outside it is no probability. -#}
{% macro probability(percent) -%}
    case
        when {{ percent }} between 0 and 100
            then cast(cast({{ percent }} as decimal(12, 6)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6))
    end
{%- endmacro %}
