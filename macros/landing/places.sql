{#-
Where the raw tables are, and which of their columns are the contract's. Files are brought into schemas
raw_<system> of the build, under the contract's names (src/pipegen/landing/brought.py); a loader's tables
are read where they lie (raw_databases, raw_schemas, raw_tables).
-#}

{#- A name without case, `_` and blanks: `CreatedDate` is `created_date` and `Created Date`. -#}
{% macro normalised(name) -%}
    {{- return(name | lower | replace('_', '') | replace(' ', '')) -}}
{%- endmacro %}

{#- The normalised names by which a table goes, the contract's first; or the one that the company gives it. -#}
{% macro raw_table_names(label) -%}
    {%- set named = var('raw_tables').get(label) -%}
    {%- set names = [named] if named else [label.split('.')[1]] + table_aliases().get(label, []) -%}
    {%- set found = [] -%}
    {%- for name in names if normalised(name) not in found -%}
        {%- do found.append(normalised(name)) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Database and schema of a system's raw tables. -#}
{% macro raw_place(system) -%}
    {%- set files = brought('tables') -%}
    {%- if files -%}
        {{- return({
            'database': target.database or none,
            'schema': files.schema | replace('raw_files', 'raw_' ~ system),
            'is_brought': true,
        }) -}}
    {%- endif -%}
    {{- return({
        'database': var('raw_databases').get(system) or target.database or none,
        'schema': var('raw_schemas').get(system) or system,
        'is_brought': false,
    }) -}}
{%- endmacro %}

{#-
A raw table: its `relation`, its `location` for people, its `columns`, by normalised name the name and
type, and whether files were brought into it. None if it is absent. A required table that is absent stops
the run, and so do two that both stand for one.
-#}
{% macro raw_table(label, is_required) -%}
    {%- set system = label.split('.')[0] -%}
    {%- set place, names = raw_place(system), raw_table_names(label) -%}
    {%- set there = {} -%}
    {%- for row in adapter.dispatch('raw_columns', 'pipegen')(place, names) -%}
        {%- set relation = there.setdefault((row[0], row[1]), []) -%}
        {%- do relation.append({'name': row[2], 'type': row[3] | lower}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for name in names -%}
        {%- for schema, table in there if normalised(table) == name -%}
            {%- do found.append((schema, table)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if found | length > 1 -%}
        {%- do exceptions.raise_compiler_error(
            found[0] | join('.') ~ ' and ' ~ found[1] | join('.') ~ ' both stand for ' ~ label
            ~ '; leave one of them, or name one in the setting raw_tables'
        ) -%}
    {%- endif -%}
    {#- To compile it, or to check its style, no table has to be there. -#}
    {%- if not found and is_required and flags.WHICH in ('build', 'run') -%}
        {%- do exceptions.raise_compiler_error(
            'required table ' ~ label ~ ' is missing: looked for a table ' ~ place['schema'] ~ '.'
            ~ (var('raw_tables').get(label) or label.split('.')[1]) ~ ' in ' ~ place['database']
        ) -%}
    {%- endif -%}
    {%- if not found -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for column in there[found[0]] -%}
        {%- do columns.setdefault(normalised(column['name']), []).append(column) -%}
    {%- endfor -%}
    {#- Spark's schemas have their catalog before them. -#}
    {{- return({
        'relation': api.Relation.create(
            database=none if target.type == 'spark' else place['database'],
            schema=found[0][0],
            identifier=found[0][1],
        ),
        'location': found[0] | join('.'),
        'columns': columns,
        'is_brought': place['is_brought'],
    }) -}}
{%- endmacro %}


{#- Schema, table, column and type of all columns of the tables of some names. -#}
{% macro default__raw_columns(place, names) -%}
    {%- set query -%}
        select table_schema, table_name, column_name, data_type
        from information_schema.columns
        where lower(table_catalog) = {{ text_literal(place['database'] | lower) }}
            and lower(replace(table_schema, '_', '')) = {{ text_literal(normalised(place['schema'])) }}
            and lower(replace(replace(table_name, '_', ''), ' ', '')) in ({{ text_literals(names) }})
        order by table_schema, table_name, ordinal_position
    {%- endset -%}
    {{- return(run_query(query).rows) -}}
{%- endmacro %}

{#- A session catalog has no information_schema. -#}
{% macro spark__raw_columns(place, names) -%}
    {%- set rows = [] -%}
    {%- set catalog = place['database'] -%}
    {%- set schemas = run_query('show schemas' ~ (' in ' ~ catalog if catalog else '')) -%}
    {%- if place['schema'] | lower in schemas.columns[0].values() | map('lower') | list -%}
        {%- set schema = (catalog ~ '.' if catalog else '') ~ place['schema'] -%}
        {%- for identifier in run_query('show tables in ' ~ schema).columns[1].values()
            if normalised(identifier) in names -%}
            {%- for column in run_query('describe table ' ~ schema ~ '.' ~ identifier).rows -%}
                {%- do rows.append((schema, identifier, column[0], column[1])) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(rows) -}}
{%- endmacro %}


{#- What a raw column of some type holds: `text`, `float`, `number`, `boolean`, `date`, `timestamp`, or
    `instant`, a timestamp with a time zone. Anything else is read as the text that it is written as. -#}
{% macro raw_family(data_type) -%}
    {%- set base = data_type.split('(')[0] | trim -%}
    {%- if base.startswith('timestamp') or base == 'datetime' -%}
        {%- set has_zone = 'with time zone' in data_type or 'tz' in base or target.type in ('spark', 'bigquery')
            and base == 'timestamp' -%}
        {{- return('instant' if has_zone else 'timestamp') -}}
    {%- elif base in ('float', 'double', 'double precision', 'real', 'float4', 'float8', 'float64') -%}
        {{- return('float') -}}
    {%- elif base in ('decimal', 'numeric', 'number', 'bignumeric') or base.endswith('int')
        or base.endswith('integer') or base in ('int64', 'int4', 'int8', 'long', 'short') -%}
        {{- return('number') -}}
    {%- elif base in ('boolean', 'bool') -%}
        {{- return('boolean') -}}
    {%- elif base == 'date' -%}
        {{- return('date') -}}
    {%- endif -%}
    {{- return('text') -}}
{%- endmacro %}


{#- The columns of a raw table that are one of the contract's: the company's name for it, the contract's or
    a loader's, whichever is there first. Files are brought under the contract's names. -#}
{% macro raw_columns_of(raw, name, meta) -%}
    {%- set named = var('custom_columns').get(meta['custom']) if meta.get('custom') else none -%}
    {%- set found = [] -%}
    {%- for spelling in [name if raw['is_brought'] else named or name] + column_aliases().get(name, [])
        if not found -%}
        {%- do found.extend(raw['columns'].get(normalised(spelling), [])) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
