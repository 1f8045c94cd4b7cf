-- One row per value of a raw row that could not be read, or that is a word for none.
with

unread as (
    {%- for label in raw_tables() %}
    select
        {{ table_columns(label) }},
        {{ record_key(label) }} as record_key,
        set_aside_reason is null as is_kept,
        unread_values,
        {{ columns_with_null_words(label) }} as columns_with_null_words
    from {{ ref(landing_model(label)) }}
    where unread_values is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

entries_of_rows as (
    select
        unread.*,
        {{ json_entry_name() }} as column_name,
        {{ json_entry_text('unread.unread_values') }} as raw_value
    from unread
    {{ json_entries('unread.unread_values') }}
)

select
    system,
    table_name,
    record_key,
    column_name,
    raw_value,
    is_kept,
    columns_with_null_words like '%,' || column_name || ',%' as is_null_word
from entries_of_rows
where raw_value is not null
