{#-
What stands in core and audit in place of a person's name or address where `mask_personal_data` is
set. Rules that need the true value (a lead is matched to a contact by it) stand before the mask.
-#}

{#- The same token wherever the name is, however it is typed, and for a token the token itself: what
    an earlier run wrote masked stays as it is. It hides a name from a reader and is no encryption:
    who guesses the name can make the token. Null stays null. -#}
{% macro mask_of(text) -%}
    {%- set token = dbt.hash("lower(trim(" ~ text ~ "))") -%}
    case
        when {{ text }} like 'masked-%' then {{ text }}
        else {{ dbt.concat(["'masked-'", "substring(" ~ token ~ ", 1, 12)"]) }}
    end
{%- endmacro %}


{#- The token where masking is set, else the text as it is. -#}
{% macro masked(text) -%}
    {%- if var('mask_personal_data') -%}
    {{ mask_of(text) }}
    {%- else -%}
    {{ text }}
    {%- endif -%}
{%- endmacro %}


{#- Nothing where masking is set, else the text as it is: for what a token would be mistaken for (an
    address that mail is sent to), and for whole rows, of which a token tells nothing. -#}
{% macro withheld(text) -%}
    {%- if var('mask_personal_data') -%}
    cast(null as {{ dbt.type_string() }})
    {%- else -%}
    {{ text }}
    {%- endif -%}
{%- endmacro %}
