{#-
Money enters as decimal and is rounded half away from zero, here and nowhere else. A CRM's field
takes 16 digits before the point; more are a telephone number or worse, and no amount.
-#}
{% macro money(amount) -%}
    case
        when not {{ is_beyond_money(amount) }} then cast(round({{ amount }}, 2) as {{ type_money() }})
    end
{%- endmacro %}

{% macro is_beyond_money(amount) -%}
    coalesce(abs({{ amount }}) >= 10000000000000000, false)
{%- endmacro %}


{#- What a deal is worth to a forecast; null without an amount or a probability. -#}
{% macro weighted(amount, probability) -%}
    cast(round({{ amount }} * {{ probability }}, 2) as {{ type_money() }})
{%- endmacro %}


{#-
Any number, rounded half away from zero. By way of three digits more: a float that stands for 0.125
may be a little less, and would be rounded down on one engine and up on another.
-#}
{% macro rounded(number, places) -%}
    {{ adapter.dispatch('rounded', 'pipegen')(number, places) }}
{%- endmacro %}

{% macro default__rounded(number, places) -%}
    round(cast({{ number }} as decimal(38, {{ places + 3 }})), {{ places }})
{%- endmacro %}


{#-
One type for a deal's amount and for sums: it holds a million of the largest amounts a CRM takes, at
any rate of exchange. And no wider, because a product with a probability has to fit in 38 digits,
the most that engines have.
-#}
{% macro type_money() -%}
    decimal(28, 2)
{%- endmacro %}


{#- Whole cents as money, with the sign of an amount; sign() is a float on some engines. -#}
{% macro of_cents(amount, cents) -%}
    cast(
            case when {{ amount }} < 0 then -1 else 1 end
            * ({{ cents }}) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
        )
{%- endmacro %}


{#- A share before it is scaled. Decimal: floats add up to another sum in every order of rows. -#}
{% macro type_share() -%}
    {{ adapter.dispatch('type_share', 'pipegen')() }}
{%- endmacro %}

{% macro default__type_share() -%}
    decimal(18, 15)
{%- endmacro %}


{#- Whole cents that each of several rows gets of those left over: fewer than there are rows remain. -#}
{% macro cents_of_each(cents_left, row_count) -%}
    cast(floor(cast({{ cents_left }} as {{ type_double() }}) / {{ row_count }}) as bigint)
{%- endmacro %}


{#- Corporate amount of a foreign one: amount / rate, to the cent, half away from zero. -#}
{% macro converted(amount, rate) -%}
    {{ adapter.dispatch('converted', 'pipegen')(amount, rate) }}
{%- endmacro %}


{#- What a rep types to get past a required amount: the setting placeholder_amounts. -#}
{% macro is_placeholder_amount(amount) -%}
    coalesce({{ amount }} in ({{ var('placeholder_amounts') | join(', ') }}), false)
{%- endmacro %}
