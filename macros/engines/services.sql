{#-
What Snowflake, BigQuery and Databricks spell differently. tests/night/engines/test_services.py compiles
the project for each and parses what comes of it; none of it was run on the service.

Databricks is Spark to dbt: what is not here for it is taken from dialect.sql.
-#}

{#- Days of a spine from its two dates, which are written out. dbt's own asks the service, and so
    could compile nothing without a connection. -#}
{% macro days_of_spine(start_date, end_date) -%}
    {%- set days = modules.re.findall('[0-9]{4}-[0-9]{2}-[0-9]{2}', start_date ~ end_date) -%}
    {%- set first_day = modules.datetime.date.fromisoformat(days[0]) -%}
    {%- set last_day = modules.datetime.date.fromisoformat(days[1]) -%}
    {{- return((last_day - first_day).days) -}}
{%- endmacro %}

{% macro snowflake__get_intervals_between(start_date, end_date, datepart) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.default__get_intervals_between(start_date, end_date, datepart)) -}}
    {%- endif -%}
    {{- return(days_of_spine(start_date, end_date)) -}}
{%- endmacro %}

{% macro bigquery__get_intervals_between(start_date, end_date, datepart) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.default__get_intervals_between(start_date, end_date, datepart)) -}}
    {%- endif -%}
    {{- return(days_of_spine(start_date, end_date)) -}}
{%- endmacro %}

{% macro databricks__get_intervals_between(start_date, end_date, datepart) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.default__get_intervals_between(start_date, end_date, datepart)) -}}
    {%- endif -%}
    {{- return(days_of_spine(start_date, end_date)) -}}
{%- endmacro %}

{#- The adapter's own asks the cluster how old it is. -#}
{% macro databricks__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}


{#- The adapter's own leaves the order out. -#}
{% macro databricks__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    array_join(
        transform(
            array_sort(collect_list(struct(
                {{ order_by_clause | replace('order by ', '') }} as place, {{ measure }} as member
            ))),
            one -> one.member
        ),
        {{ delimiter_text }}
    )
{%- endmacro %}


{% macro snowflake__business_date(instant) -%}
    cast(convert_timezone('UTC', '{{ var("business_timezone") }}', {{ instant }}) as date)
{%- endmacro %}

{% macro bigquery__business_date(instant) -%}
    date({{ instant }}, '{{ var("business_timezone") }}')
{%- endmacro %}


{% macro snowflake__day_start(day) -%}
    convert_timezone('{{ var("business_timezone") }}', 'UTC', cast({{ day }} as timestamp))
{%- endmacro %}

{% macro bigquery__day_start(day) -%}
    timestamp(cast({{ day }} as date), '{{ var("business_timezone") }}')
{%- endmacro %}


{#- An interval there is a literal, which nothing multiplies. -#}
{% macro snowflake__plus_days(moment, days) -%}
    dateadd(day, {{ days }}, {{ moment }})
{%- endmacro %}

{#- Of instants alone: of dates there is date_plus_days. -#}
{% macro bigquery__plus_days(moment, days) -%}
    timestamp_add({{ moment }}, interval ({{ days }}) day)
{%- endmacro %}


{% macro snowflake__date_plus(day, number, unit) -%}
    cast(dateadd({{ unit }}, {{ number }}, {{ day }}) as date)
{%- endmacro %}

{% macro bigquery__date_plus(day, number, unit) -%}
    date_add(cast({{ day }} as date), interval ({{ number }}) {{ unit }})
{%- endmacro %}


{% macro snowflake__days_between(earlier_day, later_day) -%}
    datediff(day, cast({{ earlier_day }} as date), cast({{ later_day }} as date))
{%- endmacro %}

{% macro bigquery__days_between(earlier_day, later_day) -%}
    date_diff(cast({{ later_day }} as date), cast({{ earlier_day }} as date), day)
{%- endmacro %}


{% macro snowflake__seconds_between(earlier, later) -%}
    cast(datediff(microsecond, {{ earlier }}, {{ later }}) as double precision) / 1000000
{%- endmacro %}

{% macro bigquery__seconds_between(earlier, later) -%}
    timestamp_diff({{ later }}, {{ earlier }}, microsecond) / 1000000
{%- endmacro %}


{#- A plain week of BigQuery's begins on Sunday. Snowflake's on Monday, unless an account's
    WEEK_START says otherwise. -#}
{% macro bigquery__week_start(day) -%}
    date_trunc(cast({{ day }} as date), isoweek)
{%- endmacro %}


{#- A quotient is rounded there; the remainder taken off first leaves one without a fraction. -#}
{% macro snowflake__converted(amount, rate) -%}
    {%- set dividend -%}
        abs(cast({{ amount }} as decimal(20, 2))) * 100 * 20000000000
        + cast({{ rate }} * 10000000000 as decimal(38, 0))
    {%- endset -%}
    {%- set divisor -%}
        (cast({{ rate }} * 10000000000 as decimal(38, 0)) * 2)
    {%- endset -%}
    cast(
        sign({{ amount }}) * (
            ({{ dividend }} - mod({{ dividend }}, {{ divisor }})) / {{ divisor }}
        ) * 0.01 as {{ type_money() }}
    )
{%- endmacro %}

{#- A literal with a point is a float there, and its NUMERIC has nine digits behind the point. -#}
{% macro bigquery__converted(amount, rate) -%}
    cast(
        sign({{ amount }}) * div(
            abs(cast(cast({{ amount }} as decimal(20, 2)) as bignumeric)) * 100 * 20000000000
            + cast(cast({{ rate }} as bignumeric) * 10000000000 as bignumeric(38, 0)),
            cast(cast({{ rate }} as bignumeric) * 10000000000 as bignumeric(38, 0)) * 2
        ) * bignumeric '0.01' as {{ type_money() }}
    )
{%- endmacro %}


{% macro bigquery__rounded(number, places) -%}
    round(cast({{ number }} as bignumeric(38, {{ places + 3 }})), {{ places }})
{%- endmacro %}

{% macro bigquery__type_share() -%}
    bignumeric(18, 15)
{%- endmacro %}

{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}


{% macro snowflake__of_the_known(function, expressions) -%}
    {{ function }}_ignore_nulls({{ expressions | join(', ') }})
{%- endmacro %}

{% macro bigquery__of_the_known(function, expressions) -%}
    {%- set aggregate = {'least': 'min', 'greatest': 'max'}[function] -%}
    (select {{ aggregate }}(known) from unnest([{{ expressions | join(', ') }}]) as known)
{%- endmacro %}


{% macro snowflake__split_to_rows(text) -%}
    cross join lateral split_to_table({{ text }}, ',') as members
{%- endmacro %}

{% macro bigquery__split_to_rows(text) -%}
    cross join unnest(split({{ text }}, ',')) as value
{%- endmacro %}


{% macro bigquery__list_with(list, member) -%}
    array_concat({{ list }}, [{{ member }}])
{%- endmacro %}


{% macro snowflake__lists_overlap(left_list, right_list) -%}
    arrays_overlap({{ left_list }}, {{ right_list }})
{%- endmacro %}

{% macro bigquery__lists_overlap(left_list, right_list) -%}
    exists(
        select 1 from unnest({{ left_list }}) as member
        where member in unnest({{ right_list }})
    )
{%- endmacro %}


{% macro snowflake__matches(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro bigquery__matches(text, pattern) -%}
    regexp_contains({{ text }}, '^({{ pattern }})$')
{%- endmacro %}


{#- What contracts and seeds call their types. -#}
{% macro bigquery__engine_type(data_type) -%}
    {%- set name = data_type | lower | replace(' ', '') -%}
    {%- set digits = modules.re.findall('[0-9]+', name) -%}
    {%- if name.startswith('decimal') and (digits[1] | int > 9 or digits[0] | int > 29) -%}
        {{- return('bignumeric(' ~ digits | join(', ') ~ ')') -}}
    {%- endif -%}
    {{- return({'varchar': 'string', 'double': 'float64'}.get(name, data_type)) -}}
{%- endmacro %}


{#- These replace every match by themselves. -#}
{% macro snowflake__pattern_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{% macro bigquery__pattern_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}
