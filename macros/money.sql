{#- Money enters as decimal and is rounded half away from zero, here and nowhere else. -#}
{% macro money(amount) -%}
    cast(round({{ amount }}, 2) as {{ type_money() }})
{%- endmacro %}


{#- What a deal is worth to a forecast; null without an amount or a probability. -#}
{% macro weighted(amount, probability) -%}
    {{ money(amount ~ ' * ' ~ probability) }}
{%- endmacro %}


{#-
Any number, rounded half away from zero. By way of three digits more: a float that stands for 0.125
may be a little less, and would be rounded down on one engine and up on another.
-#}
{% macro rounded(number, places) -%}
    {{ adapter.dispatch('rounded')(number, places) }}
{%- endmacro %}

{% macro default__rounded(number, places) -%}
    round(cast({{ number }} as decimal(38, {{ places + 3 }})), {{ places }})
{%- endmacro %}


{% macro type_money() -%}
    decimal(18, 2)
{%- endmacro %}


{#- Whole cents as money, with the sign of an amount. -#}
{% macro of_cents(amount, cents) -%}
    cast(sign({{ amount }}) * ({{ cents }}) * cast(0.01 as decimal(3, 2)) as {{ type_money() }})
{%- endmacro %}


{#- A share before it is scaled. Decimal: floats add up to another sum in every order of rows. -#}
{% macro type_share() -%}
    {{ adapter.dispatch('type_share')() }}
{%- endmacro %}

{% macro default__type_share() -%}
    decimal(18, 15)
{%- endmacro %}


{#- Corporate amount of a foreign one: amount / rate, to the cent, half away from zero. -#}
{% macro converted(amount, rate) -%}
    {{ adapter.dispatch('converted')(amount, rate) }}
{%- endmacro %}


{#- What a rep types to get past a required amount: the setting placeholder_amounts. -#}
{% macro is_placeholder_amount(amount) -%}
    coalesce({{ amount }} in ({{ var('placeholder_amounts') | join(', ') }}), false)
{%- endmacro %}
