{#-
Contracts name types as DuckDB does. Here is what others call them, and how they are held there.
-#}

{% macro engine_type(data_type) -%}
    {{- return(adapter.dispatch('engine_type')(data_type)) -}}
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
    select
    {%- for column in with_engine_types(columns).values() %}
        cast(null as {{ column['data_type'] }}) as {{ column['name'] }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
    {%- do model.update({'columns': with_engine_types(model['columns'])}) -%}
    {{- return(table_columns_and_constraints()) -}}
{%- endmacro %}


{#-
Parquet keeps no constraints, so the rows are asked: one count of the nulls that must not be.
-#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set required = [] -%}
    {%- for column in model['columns'].values() -%}
        {%- for constraint in column['constraints'] if constraint['type'] == 'not_null' -%}
            {%- do required.append(column['name']) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if config.get('contract').enforced and required -%}
        {%- set nulls -%}
            select
            {%- for name in required %}
                count_if({{ name }} is null) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
            from {{ relation }}
        {%- endset -%}
        {%- set found = run_query(nulls) -%}
        {%- for name in required if found.rows[0][loop.index0] > 0 -%}
            {{ exceptions.raise_compiler_error(relation ~ ': ' ~ name ~ ' must not be null') }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#- Seeds name their types as contracts do. -#}
{% macro with_engine_seed_types(node) -%}
    {%- set typed = {} -%}
    {%- for name, data_type in node['config'].get('column_types', {}).items() -%}
        {%- do typed.update({name: engine_type(data_type)}) -%}
    {%- endfor -%}
    {%- do node['config'].update({'column_types': typed}) -%}
{%- endmacro %}

{% macro postgres__create_csv_table(model, agate_table) -%}
    {%- do with_engine_seed_types(model) -%}
    {{- return(dbt.default__create_csv_table(model, agate_table)) -}}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- do with_engine_seed_types(model) -%}
    {{- return(dbt_spark.spark__create_csv_table(model, agate_table)) -}}
{%- endmacro %}


{#- Counted at once: the models that read a table are planned before anyone else would count it. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- if not temporary %}
    analyze {{ relation }};
    {%- endif %}
{%- endmacro %}
