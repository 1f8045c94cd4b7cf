-- A row is a raw table of which more or fewer rows were set aside than are listed.
with

listed as (
    select
        system,
        table_name,
        count(*) as listed_count
    from {{ ref('quarantined_rows') }}
    group by system, table_name
)

select
    load_audit.system,
    load_audit.table_name,
    load_audit.rows_set_aside,
    listed.listed_count
from {{ ref('load_audit') }} as load_audit
left join listed
    on
        load_audit.system = listed.system
        and load_audit.table_name = listed.table_name
where load_audit.rows_set_aside != coalesce(listed.listed_count, 0)
