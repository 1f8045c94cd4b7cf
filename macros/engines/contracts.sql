{#-
Contracts name types as DuckDB does. Here is what others call them, and how they are held there.

Macros of dbt's own names apply where the project is a package as well, if the project that installed
it says so (`dispatch`, docs/guide/package.md). What they do to our models is not done to its own. There
a macro of ours is found by its whole name alone.
-#}


{% macro engine_type(data_type) -%}
    {{- return(adapter.dispatch('engine_type', 'pipegen')(data_type)) -}}
{%- endmacro %}

{% macro default__engine_type(data_type) -%}
    {{- return({'varchar': 'text', 'double': 'double precision'}
        .get(data_type | lower, data_type)) -}}
{%- endmacro %}

{% macro duckdb__engine_type(data_type) -%}
    {{- return(data_type) -}}
{%- endmacro %}

{% macro spark__engine_type(data_type) -%}
    {{- return({'varchar': 'string'}.get(data_type | lower, data_type)) -}}
{%- endmacro %}


{#- Columns of a contract, with the engine's own types. -#}
{% macro with_engine_types(columns) -%}
    {%- set typed = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do typed.update({name: dict(column, data_type=engine_type(column['data_type']))}) -%}
    {%- endfor -%}
    {{- return(typed) -}}
{%- endmacro %}

{% macro default__get_empty_schema_sql(columns) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.default__get_empty_schema_sql(columns)) -}}
    {%- endif -%}
    select
    {%- for column in with_engine_types(columns).values() %}
        cast(null as {{ column['data_type'] }}) as {{ column['name'] }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
    {%- if model['package_name'] == 'pipegen' -%}
        {%- do model.update({'columns': with_engine_types(model['columns'])}) -%}
    {%- endif -%}
    {{- return(table_columns_and_constraints()) -}}
{%- endmacro %}


{#-
A table that is defined before it is filled has its columns' comments and the contract's types:
what does not fit in them, or bears another name, stops the filling, so that dbt need not ask for
the types first. Parquet keeps no constraints: a null that must not be stops the filling as well.
-#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if temporary or not config.get('contract').enforced or model['package_name'] != 'pipegen' -%}
        {{- return(
            dbt.spark__create_table_as(temporary, relation, compiled_code, language)
        ) -}}
    {%- endif -%}
    {%- set columns = with_engine_types(model['columns']).values() | list -%}
    {%- set folders = config.get('partition_by') or [] -%}
    {%- set definition -%}
        create table {{ relation }} (
        {%- for column in columns %}
            {{ column['name'] }} {{ column['data_type'] }}
            comment {{ spark_text(column['description']) }}{{ ',' if not loop.last }}
        {%- endfor %}
        )
        using parquet
        {%- if folders %}
        partitioned by ({{ folders | join(', ') }})
        {%- endif %}
        comment {{ spark_text(model['description']) }}
    {%- endset -%}
    {%- do run_query(definition) -%}
    insert into {{ relation }} by name
    select
    {%- for column in columns %}
        {%- if column['constraints'] | selectattr('type', 'equalto', 'not_null') | list %}
        coalesce(
            {{ column['name'] }},
            raise_error({{ spark_text(relation ~ ': ' ~ column['name'] ~ ' must not be null') }})
        ) as {{ column['name'] }}
        {%- else %}
        {{ column['name'] }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
    from (
        {{ compiled_code }}
    ) as built
{%- endmacro %}

{% macro spark__persist_constraints(relation, model) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.spark__persist_constraints(relation, model)) -}}
    {%- endif -%}
{%- endmacro %}

{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.spark__persist_docs(relation, model, for_relation, for_columns)) -}}
    {%- endif -%}
{%- endmacro %}

{% macro spark_text(value) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}


{#- Seeds name their types as contracts do. -#}
{% macro with_engine_seed_types(node) -%}
    {%- set typed = {} -%}
    {%- for name, data_type in node['config'].get('column_types', {}).items() -%}
        {%- do typed.update({name: pipegen.engine_type(data_type)}) -%}
    {%- endfor -%}
    {%- do node['config'].update({'column_types': typed}) -%}
{%- endmacro %}

{% macro postgres__create_csv_table(model, agate_table) -%}
    {%- do pipegen.with_engine_seed_types(model) -%}
    {{- return(dbt.default__create_csv_table(model, agate_table)) -}}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- do pipegen.with_engine_seed_types(model) -%}
    {{- return(dbt.spark__create_csv_table(model, agate_table)) -}}
{%- endmacro %}

{#- dbt's own puts values between quotes whatever is in them, and null is the word None to it. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set filling -%}
        insert into {{ this }}
        {%- for row in agate_table.rows %}
        {{ 'values ' if loop.first }}(
            {%- for name in agate_table.column_names -%}
                cast(
                    {{- pipegen.spark_text(row[loop.index0]) }} as
                    {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) -}}
                ){{ ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- if agate_table.rows | length > 0 -%}
        {%- do adapter.add_query(filling, abridge_sql_log=True) -%}
    {%- endif -%}
    {{- return(filling) -}}
{%- endmacro %}


{#- Counted at once: the models that read a table are planned before anyone else would count it. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- if not temporary and model['package_name'] == 'pipegen' %}
    analyze {{ relation }};
    {%- endif %}
{%- endmacro %}
