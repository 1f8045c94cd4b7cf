{#-
The one clock. Every model that needs to know "when" asks here, so that a run as of an earlier day
is the same code with another answer from these macros.
-#}

{#-
The as-of day as text, YYYY-MM-DD. A run sets it; plain dbt has the day that was landed, and today in
the business time zone where nothing is landed.
-#}
{% macro as_of_text() -%}
    {%- set zone = modules.pytz.timezone(var('business_timezone')) -%}
    {{- var('as_of') or landed_as_of()
        or run_started_at.astimezone(zone).strftime('%Y-%m-%d') -}}
{%- endmacro %}


{#- The day that landing left in the build; empty where it left none. -#}
{% macro landed_as_of() -%}
    {%- if execute -%}
        {%- set schema = ('' if target.type == 'duckdb' else target.schema ~ '_') ~ 'landed_audit' -%}
        {%- set landed = adapter.get_relation(target.database, schema, 'landed_day') -%}
        {%- if landed -%}
            {%- set days = run_query('select max(as_of_date) as landed_day from ' ~ landed) -%}
            {{- days.columns[0].values()[0] or '' -}}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- When this run began, in UTC: for the ledger alone, which says when a number was said. -#}
{% macro reported_at() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}


{% macro as_of_date() -%}
    cast('{{ as_of_text() }}' as date)
{%- endmacro %}


{#-
The last instant of the as-of day, in UTC. Microseconds are the finest any engine here keeps, so
`<= as_of_at()` and "before the next day begins" are the same.
-#}
{% macro as_of_at() -%}
    {%- set zone = modules.pytz.timezone(var('business_timezone')) -%}
    {%- set next_day = modules.datetime.datetime.strptime(as_of_text(), '%Y-%m-%d')
        + modules.datetime.timedelta(days=1) -%}
    {%- set last_instant = zone.localize(next_day).astimezone(modules.pytz.utc)
        - modules.datetime.timedelta(microseconds=1) -%}
    cast('{{ last_instant.strftime('%Y-%m-%d %H:%M:%S.%f') }}' as timestamp)
{%- endmacro %}


{#- The date of a UTC instant in the business time zone. -#}
{% macro business_date(instant) -%}
    {%- if var('business_timezone') == 'UTC' -%}
        cast({{ instant }} as date)
    {%- else -%}
        {{ adapter.dispatch('business_date', 'pipegen')(instant) }}
    {%- endif -%}
{%- endmacro %}


{#- The UTC instant at which a business day begins. -#}
{% macro day_start(day) -%}
    {%- if var('business_timezone') == 'UTC' -%}
        cast({{ day }} as timestamp)
    {%- else -%}
        {{ adapter.dispatch('day_start', 'pipegen')(day) }}
    {%- endif -%}
{%- endmacro %}


{#- Days as 24 hours between instants; calendar days between dates. -#}
{% macro plus_days(moment, days) -%}
    {{ adapter.dispatch('plus_days', 'pipegen')(moment, days) }}
{%- endmacro %}

{% macro default__plus_days(moment, days) -%}
    {{ moment }} + interval '1 day' * ({{ days }})
{%- endmacro %}

{% macro date_plus_days(day, days) -%}
    {{ adapter.dispatch('date_plus', 'pipegen')(day, days, 'day') }}
{%- endmacro %}

{#- The same day of another month, or its last where that month is shorter. -#}
{% macro date_plus_months(day, months) -%}
    {{ adapter.dispatch('date_plus', 'pipegen')(day, months, 'month') }}
{%- endmacro %}

{% macro default__date_plus(day, number, unit) -%}
    cast({{ day }} + interval '1 {{ unit }}' * ({{ number }}) as date)
{%- endmacro %}

{% macro days_between(earlier_day, later_day) -%}
    {{ adapter.dispatch('days_between', 'pipegen')(earlier_day, later_day) }}
{%- endmacro %}


{% macro week_start(day) -%}
    {{ adapter.dispatch('week_start', 'pipegen')(day) }}
{%- endmacro %}

{% macro default__week_start(day) -%}
    cast({{ dbt.date_trunc('week', day) }} as date)
{%- endmacro %}


{#- Months from a fiscal year's start to the January before which it ends. -#}
{% macro fiscal_shift_months() -%}
    {{- (13 - var('fiscal_year_start_month')) % 12 -}}
{%- endmacro %}

{#- The day in the calendar whose years end as the fiscal ones do. -#}
{% macro fiscal_shifted(day) -%}
    {{ date_plus_months(day, fiscal_shift_months()) }}
{%- endmacro %}

{% macro fiscal_quarter_start(day) -%}
    {{ date_plus_months(
        dbt.date_trunc('quarter', fiscal_shifted(day)), '-' ~ fiscal_shift_months()
    ) }}
{%- endmacro %}

{#- The year by which a day's fiscal year is named: the calendar year in which that ends, or starts. -#}
{% macro fiscal_year(day) -%}
    extract(year from {{ fiscal_shifted(day) }})
    {%- if var('fiscal_year_named_by') == 'start' and fiscal_shift_months() | int > 0 %} - 1{% endif -%}
{%- endmacro %}

{#- `FY2026-Q4`. -#}
{% macro fiscal_quarter(day) -%}
    {%- set shifted = fiscal_shifted(day) -%}
    'FY' || cast({{ fiscal_year(day) }} as {{ dbt.type_string() }})
    || '-Q' || cast(extract(quarter from {{ shifted }}) as {{ dbt.type_string() }})
{%- endmacro %}


{#-
The last of the same days of the quarter before: as far into that quarter as as-of is into its own, at
most its last day.
-#}
{% macro same_day_of_quarter_before() -%}
    {%- set start = fiscal_quarter_start(as_of_date()) -%}
    least(
        {{ date_plus_days(
            date_plus_months(start, -3), days_between(start, as_of_date())
        ) }},
        {{ date_plus_days(start, -1) }}
    )
{%- endmacro %}


{#- Seconds from one instant to a later one, with their fraction. -#}
{% macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between', 'pipegen')(earlier, later) }}
{%- endmacro %}
