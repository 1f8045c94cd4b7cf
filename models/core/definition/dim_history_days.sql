-- One row per day on which the views are counted as a run as of that day counts them.
-- The ends of the last full weeks and fiscal quarters, `history_periods` of each, the end before
-- the first of each, and as-of.
with

dates as (
    select * from {{ ref('dim_dates') }}
),

week_ends as (
    select
        date_day,
        row_number() over (order by date_day desc) as recency
    from dates
    where date_day = {{ date_plus_days('week_start', 6) }} and date_day <= {{ as_of_date() }}
),

quarter_ends as (
    select
        date_day,
        row_number() over (order by date_day desc) as recency
    from dates
    where date_day = quarter_end_date and date_day <= {{ as_of_date() }}
),

listed as (
    select date_day from week_ends
    where recency <= {{ var('history_periods') + 1 }}
    union distinct
    select date_day from quarter_ends
    where recency <= {{ var('history_periods') + 1 }}
    union distinct
    select {{ as_of_date() }} as date_day
),

bounded as (
    select
        date_day,
        {{ day_end('date_day') }} as day_ended_at,
        {{ fiscal_quarter_start('date_day') }} as quarter_start_date,
        date_day = {{ date_plus_days(week_start('date_day'), 6) }}
        or {{ fiscal_quarter_start(date_plus_days('date_day', 1)) }}
        = {{ date_plus_days('date_day', 1) }} as is_period_end
    from listed
)

select * from bounded
