-- One row per segment, motion and fiscal quarter ahead, as of as-of.
select
    segment,
    motion,
    fiscal_quarter,
    quarter_start_date,
    quarter_end_date,
    closed_count,
    win_rate_raw,
    win_rate,
    median_cycle_days,
    p80_cycle_days,
    create_and_close_share,
    required_coverage,
    adjusted_coverage,
    quota,
    won_amount,
    remaining,
    open_amount,
    coverage,
    required,
    gap,
    create_by,
    weeks_left,
    weekly_creation_needed,
    status
from {{ ref('int_coverage__computed') }}
where coverage_date = {{ as_of_date() }}
