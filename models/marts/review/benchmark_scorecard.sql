-- One row per benchmark, with the company's own figure beside it.
select
    {{ as_of_date() }} as as_of_date,
    metric,
    level,
    period,
    origin,
    benchmark_value,
    company_value,
    difference
from {{ ref('int_benchmarks__company_figures') }}
