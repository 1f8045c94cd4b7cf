-- One row per day from twenty years before as-of until three after it.
select
    date_day,
    week_start,
    fiscal_quarter,
    quarter_start_date,
    quarter_end_date,
    fiscal_year,
    date_day <= {{ as_of_date() }} as is_past
from {{ ref('int_dates__named') }}
