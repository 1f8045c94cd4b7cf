select
    reported_at,
    as_of_date,
    metric,
    period,
    reported_count,
    reported_amount,
    definitions_version,
    code_version
from {{ last_published(source('carried', 'reported_numbers')) }}
