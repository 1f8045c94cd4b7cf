{#- What engines spell differently and dbt has no macro for. -#}

{#- Where a row stands in its seed: "first in the seed" is a rule. -#}
{% macro seed_row_order(seed) -%}
    {{ adapter.dispatch('seed_row_order')(seed) }}
{%- endmacro %}

{% macro default__seed_row_order(seed) -%}
    {{ seed }}.ctid
{%- endmacro %}

{% macro duckdb__seed_row_order(seed) -%}
    {{ seed }}.rowid
{%- endmacro %}


{#- One row per member of a comma-separated list; stands alone in a select list. -#}
{% macro split_to_rows(text) -%}
    {{ adapter.dispatch('split_to_rows')(text) }}
{%- endmacro %}

{% macro default__split_to_rows(text) -%}
    unnest(string_to_array({{ text }}, ','))
{%- endmacro %}


{#- A list with one more member. -#}
{% macro list_with(list, member) -%}
    {{ adapter.dispatch('list_with')(list, member) }}
{%- endmacro %}

{% macro default__list_with(list, member) -%}
    array_append({{ list }}, {{ member }})
{%- endmacro %}


{#- Whether two lists share a member. -#}
{% macro lists_overlap(left_list, right_list) -%}
    {{ adapter.dispatch('lists_overlap')(left_list, right_list) }}
{%- endmacro %}

{% macro default__lists_overlap(left_list, right_list) -%}
    {{ left_list }} && {{ right_list }}
{%- endmacro %}

{% macro duckdb__lists_overlap(left_list, right_list) -%}
    list_has_any({{ left_list }}, {{ right_list }})
{%- endmacro %}


{#- The named columns of a row as JSON text. -#}
{% macro json_row(columns) -%}
    {{ adapter.dispatch('json_row')(columns) }}
{%- endmacro %}

{% macro default__json_row(columns) -%}
    cast(
        json_build_object({% for column in columns %}'{{ column }}', {{ column }}
        {%- if not loop.last %}, {% endif %}{% endfor %}) as {{ dbt.type_string() }}
    )
{%- endmacro %}

{% macro duckdb__json_row(columns) -%}
    cast(
        json_object({% for column in columns %}'{{ column }}', {{ column }}
        {%- if not loop.last %}, {% endif %}{% endfor %}) as {{ dbt.type_string() }}
    )
{%- endmacro %}


{#- Shares and rates: dbt's own float type is a single one on some engines, which loses cents. -#}
{% macro type_double() -%}
    {{ adapter.dispatch('type_double')() }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}
