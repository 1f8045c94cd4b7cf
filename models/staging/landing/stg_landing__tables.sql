select
    system,
    table_name,
    location,
    is_present,
    missing_columns,
    rows_read as read_count,
    rows_kept as kept_count,
    rows_deleted as deleted_count,
    rows_set_aside as set_aside_count
from {{ ref('lnd_tables') }}
