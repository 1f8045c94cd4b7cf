select
    system,
    table_name,
    record_key,
    reason,
    row_json,
    location,
    line
from {{ source('landing', 'set_aside_rows') }}
