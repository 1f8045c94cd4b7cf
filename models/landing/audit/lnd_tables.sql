-- One row per table of the contract, read or not, with what became of its rows.
with

counted as (
    {%- for label in raw_tables() %}
    select
        {{ table_columns(label) }},
        count(*) as rows_read,
        count(case when set_aside_reason is null and not is_deleted then 1 end) as rows_kept,
        count(case when set_aside_reason is null and is_deleted then 1 end) as rows_deleted,
        count(set_aside_reason) as rows_set_aside
    from {{ ref(landing_model(label)) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

found as (
    {{ found_tables() }}
),

-- What was no row at all: a line of a file that is not CSV.
broken as (
    select
        system,
        table_name,
        count(*) as broken_count
    from {{ ref('lnd_set_aside_rows') }}
    where reason = 'malformed_row'
    group by system, table_name
)

select
    counted.system,
    counted.table_name,
    found.location,
    found.location is not null as is_present,
    found.missing_columns,
    counted.rows_read + coalesce(broken.broken_count, 0) as rows_read,
    counted.rows_kept,
    counted.rows_deleted,
    counted.rows_set_aside + coalesce(broken.broken_count, 0) as rows_set_aside
from counted
left join found
    on counted.system = found.system and counted.table_name = found.table_name
left join broken
    on counted.system = broken.system and counted.table_name = broken.table_name
