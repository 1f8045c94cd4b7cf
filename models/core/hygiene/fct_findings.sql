-- One row per record and rule that it broke, at as-of or before.
select
    record_type,
    record_id,
    rule,
    detail,
    owner_id,
    first_seen,
    least(last_seen, {{ as_of_date() }}) as last_seen,
    is_found as is_open,
    severity,
    field,
    owner_team,
    title,
    remedy
from {{ ref('int_findings__graded') }}
-- A run as of an earlier day does not tell what was found later.
where first_seen <= {{ as_of_date() }}
