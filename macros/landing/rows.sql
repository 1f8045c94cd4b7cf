{#-
What becomes of a raw row (definitions 1, "Rows"): every row of a raw table as one of a landed table, typed,
with the reason where it was set aside.

Most rows are whole and have a key of their own. Whether a table has others (without a key, of a repeated
key, or of which nobody can tell whether they are deleted) is asked first, of those columns alone: planning
for all that may become of them takes longer than landing a small table. Where there are some, only they
are compared with one another. (A row that a loader adds after the question was asked fails the test that
staging's keys are unique; it is not counted twice.)
-#}

{% macro type_of_kind(kind) -%}
    {{- return(engine_type({
        'number': 'decimal(38, 10)', 'boolean': 'boolean', 'date': 'date', 'timestamp': 'timestamp'
    }.get(kind, 'varchar'))) -}}
{%- endmacro %}


{#-
The columns that are read of a table, those of the model's YAML first: name, kind, and for a column x of
which there is a raw one

- `raw`, its name and type,
- `text`, what `x__text` is, its cleaned text; none where the warehouse holds values of its kind already,
- `written`, its text as it would be in a CSV,
- `value`, and whether a value is there that is `unread`: that did not parse, or is a word for none.

These are SQL, of which each form is rendered once: a macro for each column of each table would take
longer than a small landing.
-#}
{% macro read_columns(own_columns, raw) -%}
    {%- set columns, problems, forms = [], [], {} -%}
    {%- set kinds = {} -%}
    {%- for name, column in own_columns.items() if column['config'].get('meta', {}).get('kind') -%}
        {%- do kinds.update({name: column['config']['meta']['kind']}) -%}
    {%- endfor -%}
    {%- set own = kinds.keys() | list -%}
    {%- for name, kind in bookkeeping_columns().items() if name not in own -%}
        {%- do kinds.update({name: kind}) -%}
    {%- endfor -%}
    {%- for name, kind in kinds.items() -%}
        {%- set meta = own_columns[name]['config'].get('meta', {}) if name in own else {} -%}
        {%- set found = raw_columns_of(raw, name, meta) if raw else [] -%}
        {%- if found | length > 1 -%}
            {%- do problems.append(
                'columns ' ~ found[0]['name'] ~ ' and ' ~ found[1]['name'] ~ ' are both ' ~ name
                ~ '; leave one of them out'
            ) -%}
        {%- elif raw and not found and meta.get('required') -%}
            {%- do problems.append('required column ' ~ name ~ ' is missing') -%}
        {%- endif -%}
        {%- set column = {'name': name, 'kind': kind, 'raw': none, 'text': none} -%}
        {%- if found -%}
            {%- set form = kind ~ ' of ' ~ found[0]['type'] ~ (' epoch' if is_epoch(found[0]) else '') -%}
            {%- if form not in forms -%}
                {%- do forms.update({form: column_form(kind, found[0])}) -%}
            {%- endif -%}
            {%- do column.update({'raw': found[0]}) -%}
            {%- for part, sql in forms[form].items() -%}
                {%- do column.update({part: sql.replace('x__', name ~ '__') if sql else sql}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do columns.append(column) -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(raw['location'] ~ ': ' ~ problems | join('; ')) -%}
    {%- endif -%}
    {{- return(columns) -}}
{%- endmacro %}

{#- The forms of a column x of some kind, of which the raw column is of some type. -#}
{% macro column_form(kind, raw) -%}
    {%- set holds = raw_family(raw['type']) -%}
    {%- set written = as_written(holds, is_epoch(raw)) -%}
    {%- if is_typed(kind, holds) -%}
        {%- set value = typed_value(kind, holds) -%}
        {{- return({
            'text': none,
            'written': written,
            'value': value,
            'unread': none if kind == 'boolean' else '(x__raw is not null and x__value is null)',
        }) -}}
    {%- endif -%}
    {%- set unread = 'x__text is not null and x__value is null' -%}
    {%- if kind in ('id', 'salesforce_id') -%}
        {%- set unread = unread ~ ' and x__text not in (' ~ text_literals(zero_ids()) ~ ')' -%}
    {%- endif -%}
    {{- return({
        'text': cleaned('x__raw' if holds == 'text' and not is_epoch(raw) else written),
        'written': written,
        'value': value_of('x__text', kind),
        'unread': none if kind == 'text' else '(' ~ unread ~ ')',
    }) -}}
{%- endmacro %}

{% macro is_epoch(raw) -%}
    {{- return(normalised(raw['name']) in epoch_columns() | map('replace', '_', '')) -}}
{%- endmacro %}


{#- The text of a raw column x, as it would be in a CSV. -#}
{% macro as_written(holds, is_epoch) -%}
    {%- set text -%}
        {%- if holds == 'float' -%}
            {#- An id column becomes float if some row has no id; 123.0 is still the id 123. -#}
            case
                when x__raw = floor(x__raw) and abs(x__raw) < 1e15
                    then cast(cast(x__raw as bigint) as {{ dbt.type_string() }})
                else cast(x__raw as {{ dbt.type_string() }})
            end
        {%- elif holds == 'instant' -%}
            cast({{ utc_of_instant('x__raw') }} as {{ dbt.type_string() }})
        {%- else -%}
            cast(x__raw as {{ dbt.type_string() }})
        {%- endif -%}
    {%- endset -%}
    {{- adapter.dispatch('text_from_epoch', 'pipegen')(text) if is_epoch else text -}}
{%- endmacro %}

{#- A timestamp with a time zone as one in UTC without. -#}
{% macro utc_of_instant(instant) -%}
    {{- adapter.dispatch('utc_of_instant', 'pipegen')(instant) -}}
{%- endmacro %}

{% macro default__utc_of_instant(instant) -%}
    timezone('UTC', {{ instant }})
{%- endmacro %}

{% macro spark__utc_of_instant(instant) -%}
    cast({{ instant }} as timestamp)
{%- endmacro %}

{% macro snowflake__utc_of_instant(instant) -%}
    cast(convert_timezone('UTC', {{ instant }}) as timestamp_ntz)
{%- endmacro %}

{% macro bigquery__utc_of_instant(instant) -%}
    {{ instant }}
{%- endmacro %}

{#- The text of an instant that is written as seconds since 1970; any other text stays. -#}
{% macro default__text_from_epoch(text) -%}
    case
        when {{ matches(text, '[0-9]{1,11}([.][0-9]{1,9})?') }}
            then cast(
                timezone('UTC', to_timestamp(cast({{ text }} as double precision)))
                as {{ dbt.type_string() }}
            )
        else {{ text }}
    end
{%- endmacro %}

{% macro duckdb__text_from_epoch(text) -%}
    coalesce(
        cast(
            make_timestamp(cast(try_cast({{ text }} as decimal(28, 6)) * 1000000 as bigint)) as varchar
        ),
        {{ text }}
    )
{%- endmacro %}

{% macro spark__text_from_epoch(text) -%}
    coalesce(cast(timestamp_micros(cast(try_cast({{ text }} as decimal(28, 6)) * 1000000 as bigint)) as string), {{ text }})
{%- endmacro %}

{% macro snowflake__text_from_epoch(text) -%}
    coalesce(cast(to_timestamp_ntz(try_cast({{ text }} as decimal(28, 6)) * 1000000, 6) as varchar), {{ text }})
{%- endmacro %}

{% macro bigquery__text_from_epoch(text) -%}
    coalesce(cast(timestamp_micros(cast(safe_cast({{ text }} as bignumeric) * 1000000 as int64)) as string), {{ text }})
{%- endmacro %}


{#- Whether a column is read as it is, because the warehouse holds values of its kind already. -#}
{% macro is_typed(kind, holds) -%}
    {{- return(holds in {
        'number': ['number'],
        'boolean': ['boolean'],
        'date': ['date', 'timestamp', 'instant'],
        'timestamp': ['date', 'timestamp', 'instant'],
    }.get(kind, [])) -}}
{%- endmacro %}

{#- The value of a column x that is read as it is. A day that no calendar has, as `infinity`, is none. -#}
{% macro typed_value(kind, holds) -%}
    {%- set moment = dbt.type_timestamp() -%}
    {%- if holds == 'instant' -%}
        {%- set value = utc_of_instant('x__raw') -%}
    {%- elif holds == 'date' and kind == 'timestamp' -%}
        {%- set value = first_instant('x__raw') -%}
    {%- else -%}
        {%- set value = 'x__raw' -%}
    {%- endif -%}
    {%- if kind in ('date', 'timestamp') -%}
        case
            when cast({{ value }} as {{ moment }})
                between cast('0001-01-01' as {{ moment }}) and cast('9999-12-31' as {{ moment }})
                then cast({{ value }} as {{ type_of_kind(kind) }})
        end
    {%- elif kind == 'number' -%}
        case when abs({{ value }}) < 1e28 then cast({{ value }} as {{ type_of_kind('number') }}) end
    {%- else -%}
        {{- value -}}
    {%- endif -%}
{%- endmacro %}

{#- Raw rows with, for each column x, `x__text` where it is read from text, and its value, `x__value`. -#}
{% macro rows_with_values(columns, raw_rows) -%}
    select
        texts.*
        {%- for column in columns %},
        {{ column['value'] or 'cast(null as ' ~ type_of_kind(column['kind']) ~ ')' }} as {{ column['name'] }}__value
        {%- endfor %}
    from (
        select
            raw_rows.*
            {%- for column in columns if column['text'] %},
            {{ column['text'] }} as {{ column['name'] }}__text
            {%- endfor %}
        from {{ raw_rows }} as raw_rows
    ) as texts
{%- endmacro %}

{#- The values of a row that were not read, as JSON by column; null where all were. -#}
{% macro unread_values(columns) -%}
    {%- set doubted = columns | selectattr('unread') | list -%}
    {%- if not doubted -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        {%- set members = {} -%}
        {%- for column in doubted -%}
            {%- do members.update({
                column['name']: 'case when ' ~ column['unread'] ~ ' then ' ~ column['written'] ~ ' end'
            }) -%}
        {%- endfor -%}
        case
            when
                {%- for column in doubted %}
                {{ 'or ' if not loop.first }}{{ column['unread'] }}
                {%- endfor %}
                then {{ json_of(members) }}
        end
    {%- endif -%}
{%- endmacro %}


{#- A record is deleted by either mark, and where only old versions of it are there (history mode). -#}
{% macro deletion_columns() -%}
    {{- return(['is_deleted', '_fivetran_deleted']) -}}
{%- endmacro %}

{% macro is_deleted_row(columns) -%}
    {%- for column in columns if column['name'] in deletion_columns() -%}
        coalesce({{ column['name'] }}__value, false) or {# -#}
    {%- endfor -%}
    not coalesce(_fivetran_active__value, true)
{%- endmacro %}

{#- Whether a deletion can't be read, so that nobody knows if the record is still there. -#}
{% macro is_deletion_unread(columns) -%}
    {%- set found = [] -%}
    {%- for column in columns if column['name'] in deletion_columns() and column['unread'] -%}
        {%- do found.append(column['unread']) -%}
    {%- endfor -%}
    {{- return('(' ~ found | join(' or ') ~ ')' if found else never()) -}}
{%- endmacro %}

{% macro never() -%}
    {{- return('(1 = 0)') -}}
{%- endmacro %}


{#- All rows of the raw table that a landing model names, typed, each with what became of it. -#}
{% macro landed_rows() -%}
    {%- if execute -%}
        {%- set meta = model['config']['meta'] -%}
        {%- set raw = raw_table(meta['raw_table'], meta.get('is_required', false)) -%}
        {%- set columns = read_columns(model['columns'], raw) -%}
        {{- rows_landed(model['columns'], columns, meta['key'], raw) if raw else no_landed_rows(model['columns']) -}}
    {%- endif -%}
{%- endmacro %}

{% macro no_landed_rows(own_columns) -%}
select
    {%- for name, column in own_columns.items() %}
    cast(null as {{ engine_type(column['data_type']) }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where 1 = 0
{%- endmacro %}

{% macro rows_landed(own_columns, columns, key, raw) -%}
{%- set there = columns | selectattr('raw') | list -%}
{%- set unsure = is_deletion_unread(columns) -%}
{%- set is_deleted = is_deleted_row(columns) -%}
{%- set unread = unread_values(columns) -%}
{%- set key_values, key_columns, read_first = [], [], [] -%}
{%- for name in key -%}{%- do key_values.append(name ~ '__value') -%}{%- endfor -%}
{%- for column in there -%}
    {%- if column['name'] in key -%}{%- do key_columns.append(column) -%}{%- endif -%}
    {%- if column['name'] in key or column['name'] in deletion_columns() -%}
        {%- do read_first.append(column) -%}
    {%- endif -%}
{%- endfor -%}
{%- set is_keyless = '(' ~ key_values | join(' is null or ') ~ ' is null)' -%}
{#- A subquery wherever it is read: as a CTE that is read several times it would be kept in memory. -#}
{%- set raw_rows -%}
(
    select
        {%- for column in there %}
        {{ adapter.quote(column['raw']['name']) }} as {{ column['name'] }}__raw,
        {%- endfor %}
        {{ '__pipegen_file' if 'pipegenfile' in raw['columns'] else text_literal(raw['location']) }} as raw_location
    from {{ raw['relation'] }}
)
{%- endset -%}
{%- set question -%}
select 1 as suspect
from (
    {{ rows_with_values(read_first, raw_rows) }}
) as read_first
{%- if key %}
group by {{ grouping_key(key_values) | join(', ') }}
having
    count(*) > 1
    or count(case when {{ is_keyless }} or {{ unsure }} then 1 end) > 0
{%- else %}
where {{ unsure }}
{%- endif %}
limit 1
{%- endset -%}
{%- set has_suspects = (key or unsure != never()) and run_query(question).rows | length > 0 -%}
with

values_of_rows as (
    {{ rows_with_values(columns, raw_rows) }}
)
{%- if has_suspects %},
{% if key %}
keys_repeated as (
    select
        {%- for part in grouping_key(key_values) %}
        {{ part }} as part_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
    {{ rows_with_values(key_columns, raw_rows) }}
    ) as keys
    where not {{ is_keyless }}
    group by {{ grouping_key(key_values) | join(', ') }}
    having count(*) > 1
),
{% endif %}
suspects as (
    select
        {%- for column in there %}
        {{ column['name'] }}__raw,
        {%- endfor %}
        raw_location
    from (
    {{ rows_with_values(read_first, raw_rows) }}
    ) as suspects
    where
        {{ unsure }}
        {%- if key %}
        or {{ is_keyless }}
        or {{ is_repeated_key(key_values) }}
        {%- endif %}
),

suspect_rows as (
    select
        suspect_values.*,
        {{ unsure }} as is_unsure,
        {{ row_digest(columns) }} as row_digest,
        {{ raw_json(columns) }} as raw_row
    from (
    {{ rows_with_values(columns, 'suspects') }}
    ) as suspect_values
),
{% if key %}
-- Of rows that differ only in when they were synced, the one synced last is kept; of those without
-- such a time, one in which nothing was unreadable, whatever a file writes for an empty cell.
copies as (
    select
        *,
        row_number() over (
            partition by row_digest
            order by
                _fivetran_synced__value desc nulls last,
                _fivetran_start__value desc nulls last,
                _sdc_sequence__value desc nulls last,
                {{ unread }} nulls first,
                raw_location,
                raw_row
        ) as copy_number
    from suspect_rows
),

-- Of the remaining rows with one key, the latest by change and sync is kept, or where these are equal by
-- the loader's own order. Any version goes before the old ones of history mode.
places as (
    select
        *,
        rank() over (
            partition by {{ key_values | join(', ') }}
            order by
                case when copy_number = 1 then 0 else 1 end,
                case when coalesce(_fivetran_active__value, true) then 0 else 1 end,
                system_modstamp__value desc nulls last,
                _fivetran_synced__value desc nulls last,
                _fivetran_start__value desc nulls last,
                _sdc_sequence__value desc nulls last
        ) as place
    from copies
),

-- Unless two are equally late. The kept row is set aside after all if nobody can tell whether it is
-- deleted.
fates as (
    select
        *,
        case
            when {{ is_keyless }} then 'null_key'
            when copy_number > 1 then 'repeated'
            when
                sum(case when place = 1 then 1 else 0 end)
                    over (partition by {{ key_values | join(', ') }}) > 1
                then 'ambiguous_key'
            when place > 1 then 'superseded'
            when is_unsure then 'unreadable_deletion'
        end as reason
    from places
)
{%- else %}
fates as (
    select
        *,
        'unreadable_deletion' as reason
    from suspect_rows
)
{%- endif %}
{%- endif %}

{{ landed_row(own_columns, is_deleted, unread, none) }}
from values_of_rows
{%- if has_suspects %}
where
    not {{ unsure }}
    {%- if key %}
    and not {{ is_keyless }}
    and not {{ is_repeated_key(key_values) }}
    {%- endif %}
union all
{{ landed_row(own_columns, is_deleted, unread, 'reason') }}
from fates
{%- endif %}
{%- endmacro %}

{#- The columns of a landed table, of rows with a reason for which some were set aside, or with none. -#}
{% macro landed_row(own_columns, is_deleted, unread, reason) -%}
select
    {%- for name in own_columns %}
    {% if name == 'is_deleted' %}{{ is_deleted }}
    {%- elif name == 'unread_values' %}{{ unread }}
    {%- elif name in ('set_aside_reason', 'raw_row', 'raw_location') and not reason -%}
        cast(null as {{ dbt.type_string() }})
    {%- elif name == 'set_aside_reason' %}{{ reason }}
    {%- elif name in ('raw_row', 'raw_location') %}case when {{ reason }} is not null then {{ name }} end
    {%- else %}{{ name }}__value
    {%- endif %} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Whether another row may have the key of a row, which has one. -#}
{% macro is_repeated_key(key_values) -%}
    {{- adapter.dispatch('is_repeated_key', 'pipegen')(key_values) -}}
{%- endmacro %}

{% macro default__is_repeated_key(key_values) -%}
    exists (
        select 1
        from keys_repeated
        where
            {%- for name in key_values %}
            {{ 'and ' if not loop.first }}keys_repeated.part_{{ loop.index }} = {{ name }}
            {%- endfor %}
    )
{%- endmacro %}

{#- Nothing of it is correlated: for that DuckDB would keep all rows in memory. -#}
{% macro duckdb__is_repeated_key(key_values) -%}
    {{ grouping_key(key_values)[0] }} in (select part_1 from keys_repeated)
{%- endmacro %}

{#-
What rows are grouped by to find those that may have one key. Numbers are a fraction of the memory that
texts take; two keys of one number are told apart where rows are compared.
-#}
{% macro grouping_key(key_values) -%}
    {{- return(adapter.dispatch('grouping_key', 'pipegen')(key_values)) -}}
{%- endmacro %}

{% macro default__grouping_key(key_values) -%}
    {{- return(key_values) -}}
{%- endmacro %}

{% macro duckdb__grouping_key(key_values) -%}
    {{- return(['hash(' ~ key_values | join(', ') ~ ')']) -}}
{%- endmacro %}


{#-
What tells a row apart from another: all its texts, each with its length before it. Digests stand for
whole rows: where a big table comes twice, whole rows would not fit in memory.
-#}
{% macro row_digest(columns) -%}
    {%- set texts, others = [], columns_of_the_loader() -%}
    {%- for column in columns if column['raw'] and column['name'] not in others -%}
        {%- set text = column['name'] ~ '__text' if column['text'] else column['written'] -%}
        {%- do texts.append(
            'coalesce(cast(length(' ~ text ~ ') as ' ~ dbt.type_string() ~ ") || ':' || " ~ text ~ ", '-')"
        ) -%}
    {%- endfor -%}
    {{- dbt.hash(texts | join(' || ')) -}}
{%- endmacro %}

{#- A row as it was read, as JSON by the contract's names. -#}
{% macro raw_json(columns) -%}
    {%- set members = {} -%}
    {%- for column in columns if column['raw'] -%}
        {%- do members.update({column['name']: column['written']}) -%}
    {%- endfor -%}
    {{- json_of(members) -}}
{%- endmacro %}


{#- Texts by name as JSON, each there though null. -#}
{% macro json_of(members) -%}
    {{- adapter.dispatch('json_of', 'pipegen')(members) -}}
{%- endmacro %}

{% macro default__json_of(members) -%}
    cast(row_to_json((
        select json_row from (
            select
                {%- for name, text in members.items() %}
                {{ text }} as {{ name }}{{ ',' if not loop.last }}
                {%- endfor %}
        ) as json_row
    )) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro duckdb__json_of(members) -%}
    cast(json_object(
        {%- for name, text in members.items() %}
        '{{ name }}', {{ text }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}

{% macro spark__json_of(members) -%}
    to_json(
        struct(
            {%- for name, text in members.items() %}
            {{ text }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}

{% macro snowflake__json_of(members) -%}
    to_json(object_construct_keep_null(
        {%- for name, text in members.items() %}
        '{{ name }}', {{ text }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{% macro bigquery__json_of(members) -%}
    to_json_string(struct(
        {%- for name, text in members.items() %}
        {{ text }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}
