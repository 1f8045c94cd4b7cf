-- One row per raw table of the contract: every row read is kept, deleted or set aside.
with

tables as (
    select * from {{ ref('stg_landing__tables') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__creation_dates') }}
    where set_aside_reason is not null
),

-- A deal that has no stage or no date is known as such only once its history is read.
set_aside_later as (
    select
        'salesforce' as system,
        'opportunity' as table_name,
        count(*) as set_aside_count
    from opportunities
),

audited as (
    select
        tables.system,
        tables.table_name,
        tables.location,
        tables.is_present,
        tables.missing_columns,
        tables.read_count as rows_in,
        tables.kept_count - coalesce(set_aside_later.set_aside_count, 0) as rows_kept,
        tables.deleted_count as rows_deleted,
        tables.set_aside_count + coalesce(set_aside_later.set_aside_count, 0) as rows_set_aside
    from tables
    left join set_aside_later
        on
            tables.system = set_aside_later.system
            and tables.table_name = set_aside_later.table_name
)

select * from audited
