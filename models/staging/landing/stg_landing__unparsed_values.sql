select
    system,
    table_name,
    record_key as record_id,
    column_name,
    raw_value
from {{ ref('lnd_unread_values') }}
where is_kept and not is_null_word
