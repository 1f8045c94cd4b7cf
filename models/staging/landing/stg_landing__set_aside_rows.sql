select
    system,
    table_name,
    record_key,
    reason,
    row_json,
    location,
    line
from {{ ref('lnd_set_aside_rows') }}
