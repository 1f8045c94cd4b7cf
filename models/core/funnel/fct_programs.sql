-- One row per program of the MAP, with the MQLs credited to it.
select
    program_id,
    program_name,
    channel,
    program_type,
    status,
    start_date,
    end_date,
    member_count,
    cast(mql_count as bigint) as mql_count
from {{ ref('int_programs__credited') }}
