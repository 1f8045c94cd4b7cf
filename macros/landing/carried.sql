{#-
What the last publication knew, for the models that add to it. `pipegen` copies it into the build, which
is another place than what it publishes; where dbt runs alone it builds over what it published, which is
read before it is replaced; before the first publication there is nothing.
-#}
{% macro last_published(carried) -%}
    {%- if execute -%}
        {%- set node = graph.nodes.get('model.pipegen.' ~ carried.identifier) -%}
        {%- set published = adapter.get_relation(
            database=node.database, schema=node.schema, identifier=node.alias
        ) if node else none -%}
        {{- rows_if_there(found_relation(carried) or published) -}}
    {%- else -%}
        {{- carried -}}
    {%- endif -%}
{%- endmacro %}

{#- What `pipegen` leaves in a build; nothing where dbt runs alone. -#}
{% macro left_by_pipegen(relation) -%}
    {{- rows_if_there(found_relation(relation)) if execute else relation -}}
{%- endmacro %}

{% macro found_relation(relation) -%}
    {{- return(adapter.get_relation(
        database=relation.database, schema=relation.schema, identifier=relation.identifier
    )) -}}
{%- endmacro %}

{#- The rows of a relation with the columns that the model's YAML names, null where it lacks one (it was
    published by an earlier version); no rows where there is no relation. -#}
{% macro rows_if_there(relation) -%}
    {%- set there = [] -%}
    {%- if relation -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do there.append(column.name | lower) -%}
        {%- endfor -%}
    {%- endif -%}
    (
        select
            {%- for name, column in model['columns'].items() %}
            {% if name not in there %}cast(null as {{ engine_type(column['data_type']) }}) as {% endif -%}
            {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        {%- if relation %}
        from {{ relation }}
        {%- else %}
        where 1 = 0
        {%- endif %}
    ) as rows_there
{%- endmacro %}
