select
    record_type,
    record_id,
    rule,
    detail,
    owner_id,
    first_seen,
    last_seen,
    is_open
from {{ last_published(source('carried', 'finding_log')) }}
