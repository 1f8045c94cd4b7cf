-- One row per past day of which the views are told as they were told then: the last eight full
-- weeks and fiscal quarters by their ends, the ends before them, and as-of.
select
    date_day,
    quarter_start_date
from {{ ref('int_history_days__listed') }}
