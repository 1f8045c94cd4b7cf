-- The days that coverage is computed for: as-of itself, and the eve (the day before the first day)
-- of each fiscal quarter with a creation target that is to be derived from coverage.
with

targets as (
    select * from {{ ref('creation_targets') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

eves as (
    select distinct {{ date_plus_days('dates.quarter_start_date', -1) }} as coverage_date
    from targets
    inner join dates
        on targets.fiscal_quarter = dates.fiscal_quarter
    where
        targets.target_amount is null
        and dates.quarter_start_date <= {{ as_of_date() }}
),

listed as (
    select {{ as_of_date() }} as coverage_date
    union distinct
    select coverage_date from eves
),

bounded as (
    select
        coverage_date,
        {{ day_end('coverage_date') }} as day_ended_at,
        {{ fiscal_quarter_start('coverage_date') }} as quarter_start_date,
        {{ full_quarters_start(fiscal_quarter_start('coverage_date')) }} as window_start_date
    from listed
)

select * from bounded
