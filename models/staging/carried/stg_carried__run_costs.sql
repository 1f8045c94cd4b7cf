select
    run_id,
    step,
    node,
    duration_seconds,
    row_count
from {{ last_published(source('carried', 'run_costs')) }}
