-- One row per record and rule that any published run found broken.
select
    record_type,
    record_id,
    rule,
    detail,
    owner_id,
    first_seen,
    last_seen,
    is_open
from {{ ref('int_findings__tracked') }}
