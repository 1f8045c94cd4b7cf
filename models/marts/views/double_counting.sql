-- One row per measure of what the four views add up to and what is there.
select
    as_of_date,
    measure,
    is_total,
    opportunity_count,
    amount
from {{ ref('double_counting_history') }}
where as_of_date = {{ as_of_date() }}
