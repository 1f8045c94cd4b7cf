-- The days that coverage is computed for: as-of, the eve (the day before the first day) of its
-- fiscal quarter and of each one with a creation target that is to be derived from coverage, and
-- the snapshots of earlier quarters.
with

targets as (
    select * from {{ seed('creation_targets') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

snapshots as (
    select * from {{ ref('dim_snapshot_days') }}
    where is_counted
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
    select
        {{ as_of_date() }} as coverage_date,
        true as has_rates
    union all
    select
        {{ date_plus_days(fiscal_quarter_start(as_of_date()), -1) }} as coverage_date,
        true as has_rates
    union all
    select
        coverage_date,
        true as has_rates
    from eves
    union all
    select
        snapshot_date as coverage_date,
        false as has_rates
    from snapshots
),

bounded as (
    select
        coverage_date,
        {{ day_end('coverage_date') }} as day_ended_at,
        {{ fiscal_quarter_start('coverage_date') }} as quarter_start_date,
        {{ full_quarters_start(fiscal_quarter_start('coverage_date')) }} as window_start_date,
        max(case when has_rates then 1 else 0 end) = 1 as has_rates
    from listed
    group by coverage_date
)

select * from bounded
