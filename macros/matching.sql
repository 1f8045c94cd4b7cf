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


{#- Names of fields are compared without case, blanks, underscores and the mark of a custom field. -#}
{% macro field_key(field) -%}
    replace(replace(replace(lower({{ field }}), '__c', ''), '_', ''), ' ', '')
{%- endmacro %}


{#- The keys under which the log of changes may have one of the company's custom columns. -#}
{% macro custom_field_keys(name) -%}
    {%- set column = var('custom_columns')[name] | lower -%}
    {%- set without_mark = (column ~ '$') | replace('__c$', '') | replace('_c$', '')
        | replace('$', '') -%}
    '{{ column | replace('_', '') }}', '{{ without_mark | replace('_', '') }}'
{%- endmacro %}


{#- Whether so many employees are in a segment of the seed; a bound that is empty is open. -#}
{% macro is_in_segment(number_of_employees, segment) -%}
    {{ number_of_employees }} >= coalesce({{ segment }}.min_employees, 0)
            and (
                {{ number_of_employees }} <= {{ segment }}.max_employees
                or {{ segment }}.max_employees is null
            )
{%- endmacro %}
