select
    origin,
    rule,
    record_type,
    record_id,
    detail
from {{ source('landing', 'expectation_failures') }}
