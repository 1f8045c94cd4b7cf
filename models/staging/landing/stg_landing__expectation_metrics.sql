select
    as_of_date,
    subject,
    metric,
    metric_value
from {{ source('landing', 'expectation_metrics') }}
