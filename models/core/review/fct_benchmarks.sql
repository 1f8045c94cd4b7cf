-- One row per benchmark, with the company's own figure beside it.
select
    metric,
    level,
    period,
    origin,
    benchmark_value,
    company_value,
    difference
from {{ ref('int_benchmarks__compared') }}
