-- One row per run and thing that it made: the seconds it took and the rows it came to.
select
    run_id,
    step,
    node,
    duration_seconds,
    row_count
from {{ ref('stg_carried__run_costs') }}
