-- One row per headline number, period and run that reported it differently than an earlier run.
with

numbers as (
    select * from {{ ref('reported_numbers') }}
),

quarters as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

reported as (
    select
        numbers.*,
        coalesce(quarters.quarter_end_date <= numbers.as_of_date, false) as is_ended
    from numbers
    left join quarters
        on numbers.period = quarters.fiscal_quarter
),

-- The latest earlier run of the same day; and, since what has ended should not change with the day,
-- the latest earlier one at which the period had ended too.
compared as (
    select
        1 as priority,
        *,
        lag(reported_at) over (
            partition by as_of_date, metric, period
            order by reported_at
        ) as previous_reported_at
    from reported
    union all
    select
        2 as priority,
        *,
        lag(reported_at) over (
            partition by metric, period
            order by reported_at
        ) as previous_reported_at
    from reported
    where is_ended
),

restated as (
    select
        compared.as_of_date,
        compared.metric,
        compared.period,
        compared.previous_reported_at,
        compared.reported_at as restated_at,
        previous.reported_count as old_count,
        compared.reported_count as new_count,
        previous.reported_amount as old_amount,
        compared.reported_amount as new_amount,
        case
            when compared.definitions_version != previous.definitions_version
                then 'definition_changed'
            when compared.code_version != previous.code_version then 'code_changed'
            else 'data_changed'
        end as cause,
        row_number() over (
            partition by compared.metric, compared.period, compared.reported_at
            order by compared.priority
        ) as preference
    from compared
    inner join reported as previous
        on
            compared.previous_reported_at = previous.reported_at
            and compared.metric = previous.metric
            and coalesce(compared.period, '') = coalesce(previous.period, '')
    where
        compared.reported_count is distinct from previous.reported_count
        or compared.reported_amount is distinct from previous.reported_amount
),

listed as (
    select
        as_of_date,
        metric,
        period,
        previous_reported_at,
        restated_at,
        old_count,
        new_count,
        old_amount,
        new_amount,
        cause
    from restated
    where preference = 1
)

select * from listed
