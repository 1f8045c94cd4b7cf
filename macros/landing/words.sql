{#-
How loaders and people write what the contract names: words, names and their reasons, as data. Python
reads the same macros (src/pipegen/contract/spellings.py).
-#}

{#-
Words that exports write where a cell is empty, in lower case, by who writes them. They are read as null
only where a word can't be a value: in ids, codes and e-mail addresses. As a company's name or a lead
source, "None" may be what somebody chose.
-#}
{% macro null_words() -%}
    {{- return({
        'null': 'SQL clients, Data Loader, BigQuery',
        '(null)': 'Oracle and SAP exports',
        '[null]': 'DBeaver',
        '<null>': 'SQL Server, JetBrains',
        '\\n': 'Postgres, MySQL, Hive: \\N',
        'none': 'Python',
        'nan': 'pandas, R',
        '<na>': 'pandas, of integers',
        'nat': 'pandas, of instants',
        'nil': 'Ruby',
        'undefined': 'JavaScript',
        '#n/a': 'Excel',
        'n/a': 'people',
    }) -}}
{%- endmacro %}

{#- Salesforce writes an empty reference as an id of zeros in some exports. -#}
{% macro zero_ids() -%}
    {{- return(['000000000000000', '000000000000000AAA']) -}}
{%- endmacro %}

{#- In lower case. `1.0` and `0.0` come from tools that keep booleans as floats where one is null. -#}
{% macro boolean_words() -%}
    {{- return({
        'true': ['true', 't', 'yes', 'y', '1', '1.0'],
        'false': ['false', 'f', 'no', 'n', '0', '0.0'],
    }) -}}
{%- endmacro %}

{#- Other names of tables, by the contract's: dlt keeps `user` free for the database, and the other
    loaders of Marketo write the plural. -#}
{% macro table_aliases() -%}
    {{- return({
        'salesforce.user': ['sf_user'],
        'marketo.lead': ['leads'],
        'marketo.campaign': ['campaigns'],
        'marketo.program': ['programs'],
        'marketo.activity_change_data_value': ['activities_change_data_value'],
        'marketo.activity_fill_out_form': ['activities_fill_out_form'],
        'marketo.activity_click_email': ['activities_click_email'],
        'marketo.activity_open_email': ['activities_open_email'],
        'marketo.activity_visit_webpage': ['activities_visit_webpage'],
        'marketo.activity_merge_leads': ['activities_merge_leads'],
    }) -}}
{%- endmacro %}

{#- Other names of columns, by the contract's, in any table; the first that is there is read. -#}
{% macro column_aliases() -%}
    {{- return({
        'id': ['marketo_guid'],
        '_fivetran_synced': ['_airbyte_extracted_at', '_sdc_batched_at', '_dlt_load_id'],
    }) -}}
{%- endmacro %}

{#- Written as seconds since 1970, with a fraction. -#}
{% macro epoch_columns() -%}
    {{- return(['_dlt_load_id']) -}}
{%- endmacro %}

{#- Columns by which a loader is told, in messages. -#}
{% macro loader_columns() -%}
    {{- return({
        '_fivetran_synced': 'Fivetran',
        '_airbyte_extracted_at': 'Airbyte',
        '_sdc_batched_at': 'Stitch',
        '_dlt_load_id': 'dlt',
    }) -}}
{%- endmacro %}

{#- Read from every table that has them, in addition to the table's own columns. -#}
{% macro bookkeeping_columns() -%}
    {{- return({
        'system_modstamp': 'timestamp',
        '_fivetran_synced': 'timestamp',
        '_fivetran_deleted': 'boolean',
        '_fivetran_active': 'boolean',
        '_fivetran_start': 'timestamp',
        '_sdc_sequence': 'number',
    }) -}}
{%- endmacro %}

{#- What a loader adds to a row, which tells no two rows apart. -#}
{% macro columns_of_the_loader() -%}
    {{- return(['_fivetran_synced', '_fivetran_start', '_sdc_sequence']) -}}
{%- endmacro %}
