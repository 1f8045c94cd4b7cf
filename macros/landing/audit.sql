{#- What landing counted, set aside and could not read, over all landed tables. -#}

{#- The raw tables of the contract, each of which has a landing model. -#}
{% macro raw_tables() -%}
    {{- return([
        'salesforce.account', 'salesforce.contact', 'salesforce.contact_history', 'salesforce.lead',
        'salesforce.lead_history', 'salesforce.opportunity', 'salesforce.opportunity_history',
        'salesforce.opportunity_field_history', 'salesforce.opportunity_contact_role',
        'salesforce.user', 'salesforce.user_role', 'salesforce.campaign',
        'salesforce.campaign_member', 'salesforce.task', 'salesforce.event',
        'salesforce.currency_type', 'salesforce.dated_conversion_rate', 'marketo.lead',
        'marketo.activity_change_data_value', 'marketo.activity_fill_out_form',
        'marketo.activity_click_email', 'marketo.activity_open_email',
        'marketo.activity_visit_webpage', 'marketo.activity_merge_leads', 'marketo.campaign',
        'marketo.program', 'marketo.program_membership', 'marketo.program_cost',
    ]) -}}
{%- endmacro %}

{% macro landing_model(label) -%}
    {{- return('lnd_' ~ label.replace('.', '__')) -}}
{%- endmacro %}

{#- By which every table of the audit names a raw table. -#}
{% macro table_columns(label) -%}
    '{{ label.split('.')[0] }}' as system,
    '{{ label.split('.')[1] }}' as table_name
{%- endmacro %}

{#- The YAML of a landing model; empty while dbt parses. -#}
{% macro landing_node(label) -%}
    {{- return(graph.nodes['model.pipegen.' ~ landing_model(label)] if execute else {}) -}}
{%- endmacro %}

{#- The key of a landed row as readable text; null if any part of it is null. -#}
{% macro record_key(label) -%}
    {%- set key = landing_node(label).get('config', {}).get('meta', {}).get('key', []) -%}
    {{- key | join(" || '|' || ") if key else 'cast(null as ' ~ dbt.type_string() ~ ')' -}}
{%- endmacro %}

{#- The columns of a landed table in which a word for none is read as such, with commas around each. -#}
{% macro columns_with_null_words(label) -%}
    {%- set names, kinds = [''], kinds_without_words() -%}
    {%- for name, column in landing_node(label).get('columns', {}).items() -%}
        {%- if column['config'].get('meta', {}).get('kind') in kinds -%}
            {%- do names.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- text_literal((names + ['']) | join(',')) -}}
{%- endmacro %}

{#- A table that bringing files left in schema raw_files; none where a loader's tables are read, as in a
    package, where schemas are the installing project's to name. -#}
{% macro brought(name) -%}
    {{- return(adapter.get_relation(
        database=target.database, schema=generate_schema_name('raw_files', none) | trim,
        identifier=name
    ) if execute and project_name == 'pipegen' else none) -}}
{%- endmacro %}

{#- Whether a raw table was found, where, and which optional columns were not: SQL, from what bringing
    files noted or from the warehouse. -#}
{% macro found_tables() -%}
    {%- set files = brought('tables') -%}
    {%- if files -%}
        select
            system,
            table_name,
            location,
            missing_columns
        from {{ files }}
    {%- else -%}
        {%- for label in raw_tables() if execute %}
        {%- set raw = raw_table(label, false) %}
        select
            {{ table_columns(label) }},
            {{ text_literal(raw['location']) if raw else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as location,
            {{ text_literal(missing_columns(label, raw) | join(',')) if raw else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as missing_columns
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#- The table's own columns that no raw column stands for. -#}
{% macro missing_columns(label, raw) -%}
    {%- set missing = [] -%}
    {%- for name, column in landing_node(label)['columns'].items() -%}
        {%- set meta = column['config'].get('meta', {}) -%}
        {%- if meta.get('kind') -%}
            {%- if not raw_columns_of(raw, name, meta) -%}
                {%- do missing.append(name) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(missing) -}}
{%- endmacro %}


{#- One row per member of a JSON object: stands behind what is read. Its name and its text are the two
    macros below. -#}
{% macro json_entries(text) -%}
    {{- adapter.dispatch('json_entries', 'pipegen')(text) -}}
{%- endmacro %}

{% macro json_entry_name() -%}
    {{- adapter.dispatch('json_entry_name', 'pipegen')() -}}
{%- endmacro %}

{% macro json_entry_text(text) -%}
    {{- adapter.dispatch('json_entry_text', 'pipegen')(text) -}}
{%- endmacro %}

{% macro default__json_entries(text) -%}
    cross join lateral json_each_text(cast({{ text }} as json)) as entries (name, entry)
{%- endmacro %}

{% macro default__json_entry_name() -%}
    entries.name
{%- endmacro %}

{% macro default__json_entry_text(text) -%}
    entries.entry
{%- endmacro %}

{% macro duckdb__json_entries(text) -%}
    cross join unnest(json_keys({{ text }})) as entries (name)
{%- endmacro %}

{% macro duckdb__json_entry_text(text) -%}
    json_extract_string({{ text }}, '$."' || entries.name || '"')
{%- endmacro %}

{% macro spark__json_entries(text) -%}
    lateral view explode(from_json({{ text }}, 'map<string, string>')) entries as name, entry
{%- endmacro %}

{% macro snowflake__json_entries(text) -%}
    cross join lateral flatten(input => parse_json({{ text }})) as entries
{%- endmacro %}

{% macro snowflake__json_entry_name() -%}
    entries.key
{%- endmacro %}

{% macro snowflake__json_entry_text(text) -%}
    as_varchar(entries.value)
{%- endmacro %}

{% macro bigquery__json_entries(text) -%}
    cross join unnest(json_keys(parse_json({{ text }}), 1)) as name
{%- endmacro %}

{% macro bigquery__json_entry_name() -%}
    name
{%- endmacro %}

{% macro bigquery__json_entry_text(text) -%}
    lax_string(parse_json({{ text }})[name])
{%- endmacro %}
