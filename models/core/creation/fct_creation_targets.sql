-- One row per fiscal quarter and segment that the seed of creation targets lists.
with

targets as (
    select * from {{ seed('creation_targets') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
),

quarters as (
    select
        targets.fiscal_quarter,
        trim(targets.segment) as segment,
        targets.target_amount,
        dates.quarter_start_date,
        dates.quarter_end_date
    from targets
    inner join dates
        on targets.fiscal_quarter = dates.fiscal_quarter
),

-- What is due by the quarter's last day and was not there on its eve (the day before its first),
-- for the quarter itself and the four after it. A window that closed before the quarter asks for
-- nothing: what it left undone can no longer be created in time.
asked as (
    select
        quarters.fiscal_quarter,
        quarters.segment,
        greatest(
            coalesce(
                {{ due_amount(
                    'coverage.required',
                    due_share(
                        'quarters.quarter_end_date',
                        'coverage.create_by',
                        'coverage.quarter_start_date',
                        'coverage.quarter_end_date'
                    )
                ) }} - coverage.open_amount,
                0
            ),
            0
        ) as asked_amount
    from quarters
    inner join coverage
        on
            {{ date_plus_days('quarters.quarter_start_date', -1) }} = coverage.coverage_date
            and quarters.segment = coverage.segment
            and quarters.quarter_start_date <= coverage.quarter_start_date
            and coverage.quarter_start_date <= {{ date_plus_months(
                'quarters.quarter_start_date', 3 * (var('quarters_ahead') - 1)
            ) }}
            and quarters.quarter_start_date <= coverage.create_by
    where quarters.target_amount is null
),

summed as (
    select
        fiscal_quarter,
        segment,
        sum(asked_amount) as derived_amount
    from asked
    group by fiscal_quarter, segment
),

-- Where nothing is asked for, nothing is the target; before the eve is over it is unknown.
derived as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        quarters.segment,
        cast(
            case
                when quarters.target_amount is not null then quarters.target_amount
                when quarters.quarter_start_date <= {{ as_of_date() }}
                    then coalesce(summed.derived_amount, 0)
            end as {{ type_money() }}
        ) as target_amount,
        quarters.target_amount is null as is_derived
    from quarters
    left join summed
        on
            quarters.fiscal_quarter = summed.fiscal_quarter
            and quarters.segment = summed.segment
)

select * from derived
