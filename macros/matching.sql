{#- Seeds are matched against raw text trimmed and without case. -#}
{% macro match_key(text) -%}
    lower(trim({{ text }}))
{%- endmacro %}


{#-
A Salesforce id of 15 characters as the one of 18, as landing writes every id: reports, formulas and
people who copy from an address give the short one. Any other text stays as it is.
-#}
{% macro salesforce_id(text) -%}
    {%- set characters = 'abcdefghijklmnopqrstuvwxyz0123456789' -%}
    case
        when
            length(trim({{ text }})) = 15
            and length(translate(lower(trim({{ text }})), '{{ characters }}', '')) = 0
            then trim({{ text }}) || {{ salesforce_checksum('trim(' ~ text ~ ')') }}
        else trim({{ text }})
    end
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


{#-
What the log of changes has as text: a number as the API or a language writes it (`50000.0`,
`1.5E7`), a date with or without a time behind it. Null where it is neither; the days of each month
are spelled out, because not every engine can try a cast.
-#}
{% macro logged_number(text) -%}
    {%- set plain = '[0-9]{1,16}([.][0-9]{1,20})?' -%}
    {%- set scientific = '[0-9]([.][0-9]{1,20})?[eE][+]?(1[0-5]|[0-9])' -%}
    case
        when {{ matches('trim(' ~ text ~ ')', '[+-]?(' ~ plain ~ '|' ~ scientific ~ ')') }}
            then cast(trim({{ text }}) as decimal(28, 9))
    end
{%- endmacro %}

{% macro logged_date(text) -%}
    {%- set long_months = '(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])' -%}
    {%- set short_months = '(0[469]|11)-(0[1-9]|[12][0-9]|30)' -%}
    {%- set february = '02-(0[1-9]|1[0-9]|2[0-8])' -%}
    {%- set leap_day = '(19|20)(0[48]|[2468][048]|[13579][26])-02-29|2000-02-29' -%}
    {%- set day -%}
        ((19|20)[0-9]{2}-({{ long_months }}|{{ short_months }}|{{ february }})|{{ leap_day }})
    {%- endset -%}
    case
        when {{ matches('trim(' ~ text ~ ')', day ~ '([T ].*)?') }}
            then cast(substring(trim({{ text }}), 1, 10) as date)
    end
{%- endmacro %}


{#- The keys under which the log of changes may have one of the company's custom columns. -#}
{% macro custom_field_keys(name) -%}
    '{{ custom_field_names(name) | join("', '") }}'
{%- endmacro %}

{% macro custom_field_names(name) -%}
    {%- set column = var('custom_columns')[name] | lower -%}
    {%- set without_mark = (column ~ '$') | replace('__c$', '') | replace('_c$', '')
        | replace('$', '') -%}
    {{- return([column | replace('_', ''), without_mark | replace('_', '')] | unique | list) -}}
{%- endmacro %}


{#- Whether so many employees are in a segment of the seed; a bound that is empty is open. -#}
{% macro is_in_segment(number_of_employees, segment) -%}
    {{ number_of_employees }} >= coalesce({{ segment }}.min_employees, 0)
            and (
                {{ number_of_employees }} <= {{ segment }}.max_employees
                or {{ segment }}.max_employees is null
            )
{%- endmacro %}
