-- One row per day from twenty years before as-of until three after it.
with

days as (
    {{ dbt.date_spine(
        'day',
        "cast('" ~ (as_of_text()[:4] | int - 20) ~ "-01-01' as date)",
        "cast('" ~ (as_of_text()[:4] | int + 4) ~ "-01-01' as date)"
    ) }}
),

named as (
    select
        cast(date_day as date) as date_day,
        {{ week_start('date_day') }} as week_start,
        {{ fiscal_quarter('date_day') }} as fiscal_quarter,
        {{ fiscal_quarter_start('date_day') }} as quarter_start_date,
        {{ date_plus_days(date_plus_months(fiscal_quarter_start('date_day'), 3), -1) }}
            as quarter_end_date,
        cast({{ fiscal_year('date_day') }} as integer) as fiscal_year,
        cast(date_day as date) <= {{ as_of_date() }} as is_past
    from days
)

select * from named
