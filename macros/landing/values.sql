{#-
Text as loaders and people write it, as a value of one of the contract's kinds. A value that does not
parse becomes null; nothing is guessed. Engines' own casts are more lenient or stop the run, each in its
own way (DuckDB's drops `+02:00` and `PM`, Postgres' fails at February 30), so each value's format is
checked before it is cast. tests/support/engine_claims.py holds every engine to the same answers.
-#}

{#- A text as a literal. -#}
{% macro text_literal(value) -%}
    {{- adapter.dispatch('text_literal', 'pipegen')(value) -}}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    '{{ value | replace("'", "''") }}'
{%- endmacro %}

{#- These read a backslash as the beginning of something. -#}
{% macro spark__text_literal(value) -%}
    '{{ value | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}

{% macro bigquery__text_literal(value) -%}
    {{- spark__text_literal(value) -}}
{%- endmacro %}

{% macro snowflake__text_literal(value) -%}
    {{- spark__text_literal(value) -}}
{%- endmacro %}

{% macro text_literals(values) -%}
    {%- for value in values -%}
        {{- text_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#-
Text without surrounding whitespace; null if nothing is left. Everything that Unicode calls a space, and
the byte order mark.
-#}
{% macro cleaned(text) -%}
    {{- adapter.dispatch('cleaned', 'pipegen')(text) -}}
{%- endmacro %}

{% macro spaces() -%}
    {{- return(
        '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
        ~ '\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'
    ) -}}
{%- endmacro %}

{% macro default__cleaned(text) -%}
    nullif(trim({{ text }}, '{{ spaces() }}'), '')
{%- endmacro %}

{% macro postgres__cleaned(text) -%}
    nullif(btrim({{ text }}, '{{ spaces() }}'), '')
{%- endmacro %}

{% macro spark__cleaned(text) -%}
    nullif(trim(both '{{ spaces() }}' from {{ text }}), '')
{%- endmacro %}

{#- Trimming a list of characters costs ten times as much as everything else about a row. So values that
    begin and end with a visible ASCII character, as almost all do, skip it. -#}
{% macro duckdb__cleaned(text) -%}
    case
        when {{ text }} between '!' and '~' and right({{ text }}, 1) between '!' and '~' then {{ text }}
        else nullif(trim({{ text }}, '{{ spaces() }}'), '')
    end
{%- endmacro %}


{#- The value of a cleaned text of a kind; null if it does not parse. -#}
{% macro value_of(text, kind) -%}
    {%- if kind == 'text' -%}
        {{ text }}
    {%- elif kind == 'code' -%}
        case when not {{ is_null_word(text) }} then upper({{ text }}) end
    {%- elif kind == 'email' -%}
        case when not {{ is_null_word(text) }} then {{ text }} end
    {%- elif kind in ('id', 'salesforce_id') -%}
        {{ id_of(text, kind == 'salesforce_id') }}
    {%- elif kind == 'number' -%}
        {{ adapter.dispatch('number_of', 'pipegen')(text) }}
    {%- elif kind == 'boolean' -%}
        case
            {%- for value, words in boolean_words().items() %}
            when lower({{ text }}) in ({{ text_literals(words) }}) then {{ value }}
            {%- endfor %}
        end
    {%- elif kind == 'date' -%}
        {{ adapter.dispatch('date_of', 'pipegen')(text) }}
    {%- elif kind == 'timestamp' -%}
        {{ adapter.dispatch('timestamp_of', 'pipegen')(text) }}
    {%- endif -%}
{%- endmacro %}

{#- Kinds of text in which a word for null is no value. -#}
{% macro kinds_without_words() -%}
    {{- return(['id', 'salesforce_id', 'code', 'email']) -}}
{%- endmacro %}

{% macro is_null_word(text) -%}
    (
        length({{ text }}) <= {{ null_words() | map('length') | max }}
        and lower({{ text }}) in ({{ text_literals(null_words()) }})
    )
{%- endmacro %}


{#-
Nearly all ids are left as they are by the first branch, which costs next to nothing: one of 18
characters, or a number. Numbers begin with what is before the colon in ASCII.
-#}
{% macro id_of(text, has_checksum) -%}
    case
        {%- if has_checksum %}
        when length({{ text }}) > 15
        {%- else %}
        when
            {{ text }} between '0' and ':'
            and length({{ text }}) < 15
            and {{ text }} not like '%.%'
        {%- endif %}
            and {{ text }} not in ({{ text_literals(zero_ids()) }})
            then {{ text }}
        when {{ is_null_word(text) }} or {{ text }} in ({{ text_literals(zero_ids()) }}) then null
        {%- if has_checksum %}
        when length({{ text }}) = 15 and {{ matches(text, '[A-Za-z0-9]{15}') }}
            then {{ text }} || {{ salesforce_checksum(text) }}
        {%- endif %}
        {#- A column of numbers with gaps becomes one of floats in pandas: 63.0 is still the id 63. #}
        when {{ text }} like '%.%' and {{ matches(text, '[0-9]+[.]0+') }}
            then {{ dbt.split_part(text, "'.'", 1) }}
        else {{ text }}
    end
{%- endmacro %}

{#-
The three characters that Salesforce adds to an id of 15, so that case does not matter. Each stands for
five characters of the id, whose capitals are the bits of its place in the list, the first one the
lowest.

The 32 sets of capitals stand in one text, at whose places the list's characters stand in another:
planning fifteen comparisons for each id takes longer than a small landing.
-#}
{% macro salesforce_checksum(text) -%}
    {%- set letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' -%}
    {%- set sets = [] -%}
    {%- for place in range(32) -%}
        {%- do sets.append('{:05b}'.format(place)[::-1]) -%}
    {%- endfor -%}
    {%- set spread = (letters ~ '012345') | list | join('     ') -%}
    {%- set capitals -%}
        translate({{ text }}, '{{ letters }}{{ letters | lower }}0123456789', '{{ '1' * 26 ~ '0' * 36 }}')
    {%- endset -%}
    {%- for first in (1, 6, 11) -%}
        substring(
            '{{ spread }}',
            {{ dbt.position(
                'substring(' ~ capitals ~ ', ' ~ first ~ ', 5)', "'" ~ sets | join('|') ~ "'"
            ) | trim }},
            1
        )
        {{- ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- A number as programs write it, of at most 28 digits before the point. -#}
{% macro default__number_of(text) -%}
    {%- set digits = '([0-9]+[.]?[0-9]*|[.][0-9]+)' -%}
    case
        when {{ matches(text, '[+-]?' ~ digits ~ '([eE][+-]?[0-9]{1,2})?') }}
            then case
                when abs(cast({{ text }} as numeric)) < 1e28 then cast({{ text }} as decimal(38, 10))
            end
    end
{%- endmacro %}

{% macro duckdb__number_of(text) -%}
    case when not contains({{ text }}, '_') then try_cast({{ text }} as decimal(38, 10)) end
{%- endmacro %}

{% macro spark__number_of(text) -%}
    try_cast({{ text }} as decimal(38, 10))
{%- endmacro %}

{% macro snowflake__number_of(text) -%}
    try_cast({{ text }} as decimal(38, 10))
{%- endmacro %}

{% macro bigquery__number_of(text) -%}
    safe_cast({{ text }} as bignumeric(38, 10))
{%- endmacro %}


{#- The patterns of a day, a time and what stands for UTC behind it. Spreadsheets write the hour without
    a leading zero. -#}
{% macro day_pattern() -%}
    {{- return('[0-9]{4}-[0-9]{2}-[0-9]{2}') -}}
{%- endmacro %}

{% macro time_pattern() -%}
    {{- return('[T ]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?') -}}
{%- endmacro %}

{% macro utc_pattern() -%}
    {{- return('( ?Z| UTC)?') -}}
{%- endmacro %}

{% macro offset_pattern() -%}
    {{- return(' ?[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?') -}}
{%- endmacro %}

{#- A day that is in the calendar, from year 1. -#}
{% macro calendar_day_pattern() -%}
    {%- set year = '([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])' -%}
    {%- set long_months = '(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])' -%}
    {%- set short_months = '(0[469]|11)-(0[1-9]|[12][0-9]|30)' -%}
    {%- set february = '02-(0[1-9]|1[0-9]|2[0-8])' -%}
    {%- set fours = '(0[48]|[2468][048]|[13579][26])' -%}
    {%- set leap_year = '([0-9]{2}' ~ fours ~ '|' ~ fours ~ '00)' -%}
    {{- return(
        '(' ~ year ~ '-(' ~ long_months ~ '|' ~ short_months ~ '|' ~ february ~ ')|'
        ~ leap_year ~ '-02-29)'
    ) -}}
{%- endmacro %}


{% macro default__date_of(text) -%}
    case
        when {{ matches(
            text,
            calendar_day_pattern() ~ '(' ~ time_pattern() ~ '(' ~ utc_pattern() ~ '|'
            ~ offset_pattern() ~ '))?'
        ) }}
            then cast(substring({{ text }}, 1, 10) as date)
    end
{%- endmacro %}

{% macro duckdb__date_of(text) -%}
    case
        when {{ matches(
            text,
            day_pattern() ~ '(' ~ time_pattern() ~ '(' ~ utc_pattern() ~ '|' ~ offset_pattern() ~ '))?'
        ) }}
            then try_cast(left({{ text }}, 10) as date)
    end
{%- endmacro %}


{#- What is behind the time is taken off and counted in minutes; a microsecond is the finest kept. -#}
{% macro default__timestamp_of(text) -%}
    {%- set day, time = calendar_day_pattern(), time_pattern() -%}
    {%- set written = pattern_replaced(text, utc_pattern() ~ '$|' ~ offset_pattern() ~ '$', '') -%}
    {%- set plain -%}
        cast(substring(replace({{ written }}, 'T', ' '), 1, 26) as {{ dbt.type_timestamp() }})
    {%- endset -%}
    {%- set offset -%}
        trim(substring({{ text }}, length({{ written }}) + 1))
    {%- endset -%}
    {%- set minutes -%}
        (case when substring({{ offset }}, 1, 1) = '-' then 1 else -1 end) * (
            cast(substring({{ offset }}, 2, 2) as integer) * 60
            + cast(coalesce(nullif(replace(substring({{ offset }}, 4), ':', ''), ''), '0') as integer)
        )
    {%- endset -%}
    case
        when {{ matches(text, day ~ time ~ utc_pattern()) }} then {{ plain }}
        when {{ matches(text, day) }} then {{ first_instant('cast(' ~ text ~ ' as date)') }}
        when {{ matches(text, day ~ time ~ offset_pattern()) }}
            then {{ dbt.dateadd('minute', minutes, plain) }}
    end
{%- endmacro %}

{% macro duckdb__timestamp_of(text) -%}
    case
        when {{ matches(text, day_pattern() ~ time_pattern() ~ utc_pattern()) }}
            then try_cast({{ text }} as timestamp)
        when {{ matches(text, day_pattern()) }}
            then {{ first_instant('try_cast(' ~ text ~ ' as date)') }}
        {#- DuckDB reads no offset behind a blank. #}
        when {{ matches(text, day_pattern() ~ time_pattern() ~ offset_pattern()) }}
            then timezone(
                'UTC', try_cast(replace(replace({{ text }}, ' +', '+'), ' -', '-') as timestamptz)
            )
    end
{%- endmacro %}

{#-
The UTC instant at which a business day begins. Where clocks go back at midnight the day has two of
them, of which engines take the second; the instant an hour earlier is tried first.
-#}
{% macro first_instant(day) -%}
    {%- if var('business_timezone') == 'UTC' -%}
        {{ day_start(day) }}
    {%- else -%}
        {%- set earlier = dbt.dateadd('hour', -1, day_start(day)) -%}
        case
            when {{ business_date(earlier) }} = {{ day }} then {{ earlier }}
            else {{ day_start(day) }}
        end
    {%- endif -%}
{%- endmacro %}
