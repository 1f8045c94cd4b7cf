select
    run_id,
    step,
    node,
    duration_seconds,
    row_count
from {{ source('carried', 'run_costs') }}
