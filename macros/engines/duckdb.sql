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

{#- A contract says which columns there are; dbt-duckdb's own asks the database once more. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- if model['package_name'] != 'pipegen' -%}
        {{- return(dbt.duckdb__alter_column_comment(relation, column_dict)) -}}
    {%- endif -%}
    {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column['description']) }};
    {%- endfor %}
{%- endmacro %}
