select
    run_id,
    kind,
    as_of_date,
    started_at,
    ended_at,
    duration_seconds,
    status,
    failed_step,
    cause,
    rows_in,
    rows_out,
    built_count,
    passed_count,
    failed_count,
    definitions_version,
    code_version
from {{ last_published(source('carried', 'runs')) }}
