{#- What was true on a day, of rows that hold from one instant or day up to another. -#}

{#- The first instant after a day: what held at the end of the day is what held just before it. -#}
{% macro day_end(day) -%}
    {{ day_start(date_plus_days(day, 1)) }}
{%- endmacro %}


{#-
Whether a row of `intervals` (a relation with valid_from and valid_to, null or far in the future
where it still holds) held at the end of a day, of which `day_ended_at` is the first instant after.
-#}
{% macro held_at_end_of_day(intervals, day_ended_at) -%}
    {{ intervals }}.valid_from < {{ day_ended_at }}
            and ({{ intervals }}.valid_to >= {{ day_ended_at }} or {{ intervals }}.valid_to is null)
{%- endmacro %}


{#- Whether a row of `rates` (an exchange rate with its dates) is the currency's rate on a day. -#}
{% macro is_rate_of_day(rates, currency, day) -%}
    {{ currency }} = {{ rates }}.currency
            and {{ day }} >= {{ rates }}.valid_from_date
            and {{ day }} < {{ rates }}.valid_to_date
{%- endmacro %}
