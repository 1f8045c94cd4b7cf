{#-
DuckDB builds in a file that nobody reads until it is published, so a table is built under its own
name: dbt-duckdb's way, to build it under another and to rename it, to have no reader miss it for a
moment, takes four statements more, and a fifth of a small company's run.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- set built = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {#- In the transaction that builds it anew: where that fails, the table of before is there. -#}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none -%}
        {%- do drop_relation(before) -%}
    {%- endif -%}
    {% call statement('main') %}
        {{ create_table_as(False, built, compiled_code) }}
    {% endcall %}
    {%- do persist_docs(built, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [built]}) }}
{% endmaterialization %}

{#-
A contract says which columns there are: dbt's own asks the database for them, which takes longer than
to write the comments, which here are written at once.
-#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if model['package_name'] != 'pipegen' or not config.get('contract').enforced -%}
        {{- return(dbt.default__persist_docs(relation, model, for_relation, for_columns)) -}}
    {%- endif -%}
    {%- set comments -%}
        {%- if for_relation and config.persist_relation_docs() and model.description %}
        {{ alter_relation_comment(relation, model.description) }}
        {%- endif %}
        {%- if for_columns and config.persist_column_docs() %}
        {%- for name, column in model.columns.items() %}
        comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column['description']) }};
        {%- endfor %}
        {%- endif %}
    {%- endset -%}
    {%- if comments | trim -%}
        {%- do run_query(comments) -%}
    {%- endif -%}
{%- endmacro %}
