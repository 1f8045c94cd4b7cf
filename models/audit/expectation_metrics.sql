-- One row per table and measure that the next run's expectations compare with.
select
    as_of_date,
    subject,
    metric,
    metric_value
from {{ ref('stg_landing__expectation_metrics') }}
