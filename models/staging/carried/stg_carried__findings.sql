select
    record_type,
    record_id,
    rule,
    detail,
    owner_id,
    first_seen,
    last_seen
from {{ source('carried', 'finding_log') }}
