select
    system,
    table_name,
    record_key as record_id,
    column_name,
    raw_value
from {{ source('landing', 'unparsed_values') }}
