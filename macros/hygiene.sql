{#- Which records the rules of hygiene look at. -#}

{#-
Whether a deal is looked at: open at as-of, or closed in its fiscal quarter. Of others nobody is asked
to put anything right.
-#}
{% macro is_deal_in_reach(deals) -%}
    (
            {{ deals }}.stage_group = 'open'
            or coalesce(
                {{ fiscal_quarter_start(deals ~ '.close_day') }}
                = {{ fiscal_quarter_start(as_of_date()) }},
                false
            )
        )
{%- endmacro %}
