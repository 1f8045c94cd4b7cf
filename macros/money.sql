{#- Money enters as decimal and is rounded half away from zero, here and nowhere else. -#}
{% macro money(amount) -%}
    cast(round({{ amount }}, 2) as {{ type_money() }})
{%- endmacro %}


{% macro type_money() -%}
    decimal(18, 2)
{%- endmacro %}


{#- A share before it is scaled. Decimal: floats add up to another sum in every order of rows. -#}
{% macro type_share() -%}
    decimal(18, 15)
{%- endmacro %}


{#- Corporate amount of a foreign one: amount / rate, to the cent, half away from zero. -#}
{% macro converted(amount, rate) -%}
    {{ adapter.dispatch('converted')(amount, rate) }}
{%- endmacro %}

{% macro default__converted(amount, rate) -%}
    cast(round({{ amount }} / {{ rate }}, 2) as {{ type_money() }})
{%- endmacro %}

{#-
DuckDB divides decimals as floats, which moves half a cent now and then. Whole numbers don't: the
cents are divided as integers, with half the divisor added first.
-#}
{% macro duckdb__converted(amount, rate) -%}
    cast(
        sign({{ amount }}) * cast(
            (
                cast(abs(cast({{ amount }} as decimal(20, 2))) * 100 as hugeint) * 20000000000
                + cast({{ rate }} * 10000000000 as hugeint)
            )
            // (cast({{ rate }} * 10000000000 as hugeint) * 2) as decimal(36, 0)
        ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
    )
{%- endmacro %}
