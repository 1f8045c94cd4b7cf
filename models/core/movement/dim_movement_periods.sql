-- One row per pair of dates that movement is reported between: the last full weeks and fiscal
-- quarters, and the quarter to date.
with

dates as (
    select * from {{ ref('dim_dates') }}
),

weeks as (
    select distinct
        week_start as first_date,
        {{ date_plus_days('week_start', 6) }} as last_date
    from dates
    where {{ date_plus_days('week_start', 6) }} <= {{ as_of_date() }}
),

quarters as (
    select distinct
        quarter_start_date as first_date,
        quarter_end_date as last_date
    from dates
    where quarter_end_date <= {{ as_of_date() }}
),

ranked as (
    select
        'week' as period_grain,
        first_date,
        last_date,
        row_number() over (order by first_date desc) as recency
    from weeks
    union all
    select
        'fiscal_quarter' as period_grain,
        first_date,
        last_date,
        row_number() over (order by first_date desc) as recency
    from quarters
    union all
    select
        'quarter_to_date' as period_grain,
        quarter_start_date as first_date,
        date_day as last_date,
        1 as recency
    from dates
    -- On a quarter's last day the quarter to date is the quarter, and on the Sunday of a week that
    -- began together with the quarter it is the week: each is listed already.
    where
        date_day = {{ as_of_date() }}
        and quarter_end_date != date_day
        and not (
            quarter_start_date = week_start
            and date_day = {{ date_plus_days('week_start', 6) }}
        )
),

listed as (
    select
        ranked.period_grain,
        {{ date_plus_days('ranked.first_date', -1) }} as from_date,
        ranked.last_date as to_date,
        dates.fiscal_quarter as target_quarter,
        dates.quarter_start_date as target_quarter_start_date,
        dates.quarter_end_date as target_quarter_end_date
    from ranked
    inner join dates
        on ranked.last_date = dates.date_day
    where ranked.recency <= {{ var('history_periods') }}
)

select * from listed
