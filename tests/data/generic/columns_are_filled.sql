{#- A row counts the empty values of each column that may have none. One test for all columns of a
    model: one for each costs a nightly run more than the queries do. -#}
{% test columns_are_filled(model, columns) %}
{{ config(fail_calc="coalesce(sum(" ~ columns | join(" + ") ~ "), 0)") }}
select
    {%- for column in columns %}
    count(*) - count({{ column }}) as {{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ model }}
having
    {%- for column in columns %}
    count(*) > count({{ column }}){{ " or" if not loop.last }}
    {%- endfor %}
{% endtest %}
