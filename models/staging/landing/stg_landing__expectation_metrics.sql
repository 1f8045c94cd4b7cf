select
    as_of_date,
    subject,
    metric,
    metric_value
from {{ left_by_pipegen(source('landing', 'expectation_metrics')) }}
