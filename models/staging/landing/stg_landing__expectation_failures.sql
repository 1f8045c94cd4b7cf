select
    origin,
    rule,
    record_type,
    record_id,
    detail
from {{ left_by_pipegen(source('landing', 'expectation_failures')) }}
