-- One row per published run and headline number: what was reported, when, and by which definitions.
select
    reported_at,
    as_of_date,
    metric,
    reported_count,
    reported_amount,
    definitions_version,
    code_version
from {{ ref('int_reported_numbers__all_runs') }}
