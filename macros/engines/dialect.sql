{#-
What engines spell differently and dbt has no macro for. The default is the spelling of Postgres;
each of these is tested on all engines by tests/night/engines/test_macros.py.
-#}

{% macro default__business_date(instant) -%}
    cast(timezone('{{ var("business_timezone") }}', timezone('UTC', {{ instant }})) as date)
{%- endmacro %}

{% macro spark__business_date(instant) -%}
    cast(from_utc_timestamp({{ instant }}, '{{ var("business_timezone") }}') as date)
{%- endmacro %}


{% macro default__day_start(day) -%}
    timezone(
        'UTC', timezone('{{ var("business_timezone") }}', cast({{ day }} as timestamp))
    )
{%- endmacro %}

{% macro spark__day_start(day) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), '{{ var("business_timezone") }}')
{%- endmacro %}


{% macro default__days_between(earlier_day, later_day) -%}
    cast(cast({{ later_day }} as date) - cast({{ earlier_day }} as date) as bigint)
{%- endmacro %}

{#- What dbt's own renders, on lines that can be read. -#}
{% macro duckdb__days_between(earlier_day, later_day) -%}
    date_diff(
        'day',
        cast({{ earlier_day }} as timestamp),
        cast({{ later_day }} as timestamp)
    )
{%- endmacro %}

{% macro spark__days_between(earlier_day, later_day) -%}
    cast(datediff({{ later_day }}, {{ earlier_day }}) as bigint)
{%- endmacro %}


{% macro default__seconds_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) as double precision)
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    date_diff('microsecond', {{ earlier }}, {{ later }}) / 1000000.0
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    timestampdiff(microsecond, {{ earlier }}, {{ later }}) / cast(1000000 as double)
{%- endmacro %}


{#-
Cents are divided as whole numbers, with half the divisor added first: a quotient that is cut off
somewhere, or a float, moves half a cent now and then.
-#}
{% macro default__converted(amount, rate) -%}
    cast(
        sign({{ amount }}) * div(
            abs(cast({{ amount }} as decimal(20, 2))) * 100 * 20000000000
            + cast({{ rate }} * 10000000000 as decimal(38, 0)),
            cast({{ rate }} * 10000000000 as decimal(38, 0)) * 2
        ) * 0.01 as {{ type_money() }}
    )
{%- endmacro %}

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

{#- Its whole division gives a bigint, which holds fewer cents than a great amount at a small rate. -#}
{% macro spark__converted(amount, rate) -%}
    {%- set dividend -%}
        (
            cast(abs(cast({{ amount }} as decimal(20, 2))) * 100 as decimal(20, 0))
            * cast(20000000000 as decimal(11, 0))
            + cast({{ rate }} * 10000000000 as decimal(25, 0))
        )
    {%- endset -%}
    {%- set divisor -%}
        cast(cast({{ rate }} * 10000000000 as decimal(25, 0)) * 2 as decimal(26, 0))
    {%- endset %}
    cast(
        cast(sign({{ amount }}) as int) * cast(
            ({{ dividend }} - {{ dividend }} % {{ divisor }}) / {{ divisor }} as decimal(28, 0)
        ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
    )
{%- endmacro %}


{#-
By which column a large table lies in folders, where the engine has them: one of few values, of
which its readers want one at a time. None elsewhere: a reader of DuckDB or Postgres passes over
what it does not want without.
-#}
{% macro in_folders_by(column) -%}
    {{- return([column] if target.type in ('spark', 'databricks') else none) -}}
{%- endmacro %}


{#- Where a row stands in the table that dbt made of a seed. -#}
{% macro row_order(seed) -%}
    {{ adapter.dispatch('row_order', 'pipegen')(seed) }}
{%- endmacro %}

{% macro default__row_order(seed) -%}
    {{ seed }}.ctid
{%- endmacro %}

{% macro duckdb__row_order(seed) -%}
    {{ seed }}.rowid
{%- endmacro %}

{#- dbt writes a seed in one statement, whose files are numbered in the order of its rows. -#}
{% macro spark__row_order(seed) -%}
    struct({{ seed }}._metadata.file_name, {{ seed }}._metadata.row_index)
{%- endmacro %}


{#- A text with every match of a pattern replaced. Patterns have no backslash, of which engines make
    different things. -#}
{% macro pattern_replaced(text, pattern, replacement) -%}
    {{ adapter.dispatch('pattern_replaced', 'pipegen')(text, pattern, replacement) }}
{%- endmacro %}

{% macro default__pattern_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__pattern_replaced(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}


{#- One row per member of a comma-separated list, called `value`: stands behind what is read. -#}
{% macro split_to_rows(text) -%}
    {{ adapter.dispatch('split_to_rows', 'pipegen')(text) }}
{%- endmacro %}

{% macro default__split_to_rows(text) -%}
    cross join unnest(string_to_array({{ text }}, ',')) as members (value)
{%- endmacro %}

{% macro spark__split_to_rows(text) -%}
    lateral view explode(split({{ text }}, ',')) members as value
{%- endmacro %}


{#- A list with one more member. -#}
{% macro list_with(list, member) -%}
    {{ adapter.dispatch('list_with', 'pipegen')(list, member) }}
{%- endmacro %}

{% macro default__list_with(list, member) -%}
    array_append({{ list }}, {{ member }})
{%- endmacro %}


{#- Whether two lists share a member. -#}
{% macro lists_overlap(left_list, right_list) -%}
    {{ adapter.dispatch('lists_overlap', 'pipegen')(left_list, right_list) }}
{%- endmacro %}

{% macro default__lists_overlap(left_list, right_list) -%}
    {{ left_list }} && {{ right_list }}
{%- endmacro %}

{% macro duckdb__lists_overlap(left_list, right_list) -%}
    list_has_any({{ left_list }}, {{ right_list }})
{%- endmacro %}

{% macro spark__lists_overlap(left_list, right_list) -%}
    arrays_overlap({{ left_list }}, {{ right_list }})
{%- endmacro %}


{#- Whether the whole of a text matches a regular expression. -#}
{% macro matches(text, pattern) -%}
    {{ adapter.dispatch('matches', 'pipegen')(text, pattern) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    {{ text }} ~ '^({{ pattern }})$'
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {{ text }} rlike '^({{ pattern }})$'
{%- endmacro %}


{#- The named columns of a row as JSON text: each there though null, each as text. -#}
{% macro json_row(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns -%}
        {%- do members.update({column: 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')'}) -%}
    {%- endfor -%}
    {{- json_of(members) -}}
{%- endmacro %}


{#- The least or greatest of those that are known, or null where none is: some engines' own least()
    and greatest() are null as soon as one of them is. For values that can't be null either will do. -#}
{% macro least_known() -%}
    {{ adapter.dispatch('of_the_known', 'pipegen')('least', varargs | list) }}
{%- endmacro %}

{% macro greatest_known() -%}
    {{ adapter.dispatch('of_the_known', 'pipegen')('greatest', varargs | list) }}
{%- endmacro %}

{% macro default__of_the_known(function, expressions) -%}
    {{ function }}({{ expressions | join(', ') }})
{%- endmacro %}


{#- Shares and rates: dbt's own float type is a single one on some engines, which loses cents. -#}
{% macro type_double() -%}
    {{ adapter.dispatch('type_double', 'pipegen')() }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{% macro spark__type_double() -%}
    double
{%- endmacro %}


{#-
Without recursion, each of whose steps is a job of a second or two: a kind's deals in their order
are one list, gone through once.
-#}
{% macro spark__judged_in_turn(queued, kind) -%}
    select
        {%- for column in kind %}
        {{ column }},
        {%- endfor %}
        deal.opportunity_id,
        deal.queue_number,
        not array_contains(originals, deal.opportunity_id) as is_duplicate
    from (
        select
            *,
            explode(deals) as deal
        from (
            select
                *,
                aggregate(
                    deals,
                    cast(array() as array<string>),
                    (found, deal) -> case
                        when arrays_overlap(found, deal.earlier_opportunity_ids) then found
                        else array_append(found, deal.opportunity_id)
                    end
                ) as originals
            from (
                select
                    {%- for column in kind %}
                    {{ column }},
                    {%- endfor %}
                    array_sort(collect_list(struct(
                        queue_number,
                        opportunity_id,
                        earlier_opportunity_ids
                    ))) as deals
                from {{ queued }}
                group by {{ kind | join(', ') }}
            ) as kinds
        ) as judged_kinds
    ) as judged_deals
{%- endmacro %}
