-- One row per record and rule that it broke, at as-of or before.
select
    record_type,
    record_id,
    rule,
    detail,
    owner_id,
    first_seen,
    last_seen,
    is_open,
    severity,
    field,
    owner_team,
    title,
    remedy
from {{ ref('fct_findings') }}
