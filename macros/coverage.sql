{#- Rules of coverage that several models apply to columns of the same names. -#}

{#-
The first status that applies, from quota, remaining, gap and behind_by. `too_late` is the condition
for a gap that no new pipeline can close in time (a total of several segments is never too late);
`not_due` the one for a creation window that has not opened.
-#}
{% macro coverage_status(not_due, too_late=none) -%}
    case
            when quota is null then 'no_quota'
            when remaining = 0 then 'met'
            when gap = 0 then 'covered'
            {%- if too_late %}
            when {{ too_late }} then 'too_late'
            {%- endif %}
            when {{ not_due }} then 'not_due'
            when behind_by = 0 then 'on_course'
            else 'behind'
        end
{%- endmacro %}


{#-
The part of a quarter's creation window that has passed at the end of a day. The window has as many
days as the quarter, and `create_by` is its last.
-#}
{% macro due_share(day, create_by, quarter_start, quarter_end) -%}
    greatest(
            least(
                1 - {{ days_between(day, create_by) }}
                / cast({{ days_between(quarter_start, quarter_end) }} + 1 as {{ type_double() }}),
                1
            ),
            0
        )
{%- endmacro %}


{#- What a share of the required pipeline comes to, to the cent. -#}
{% macro due_amount(required, due_share) -%}
    cast(
            {{ rounded("cast(" ~ required ~ " as " ~ type_double() ~ ") * " ~ due_share, 2) }}
            as {{ type_money() }}
        )
{%- endmacro %}


{#- Open pipeline for each unit of quota that is left; null without a quota, or with none left. -#}
{% macro coverage_of(open_amount, remaining) -%}
    cast({{ open_amount }} as {{ type_double() }})
        / nullif(cast({{ remaining }} as {{ type_double() }}), 0)
{%- endmacro %}


{#- Whether win rates, cycles and open pipeline are taken over deals of a source. -#}
{% macro is_source_in_coverage(pipeline_source) -%}
    {{ pipeline_source }} not in (
            {%- for source in var('coverage_excluded_sources') + [''] -%}
            '{{ source }}'{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
{%- endmacro %}


{#- First day of the full fiscal quarters before the one that starts on `quarter_start`. -#}
{% macro full_quarters_start(quarter_start) -%}
    {{ date_plus_months(quarter_start, -3 * var('full_quarters')) }}
{%- endmacro %}


{#-
Mean of days that are fractions; null of none. Decimals, because a sum of floats depends on the order
in which the engine adds them.
-#}
{% macro mean_days(days) -%}
    cast(sum(cast({{ days }} as decimal(18, 9))) as {{ type_double() }}) / nullif(count({{ days }}), 0)
{%- endmacro %}
