-- One row per fiscal quarter and segment that the seed of creation targets lists.
with

targets as (
    select * from {{ ref('creation_targets') }}
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

-- Of each gap that coverage saw on the eve of the quarter (the day before its first), the part
-- whose weeks lie in the quarter; all of it where no week is left. The eve looks `quarters_ahead`
-- quarters ahead of its own: the quarter itself is the first of them.
asked as (
    select
        quarters.fiscal_quarter,
        quarters.segment,
        coverage.gap,
        case
            when coverage.weeks_left = 0 then 1
            else
                least(
                    floor(
                        {{ days_between(
                            'coverage.coverage_date',
                            'least(coverage.create_by, quarters.quarter_end_date)'
                        ) }} / cast(7 as {{ type_double() }})
                    ) / coverage.weeks_left,
                    1
                )
        end as share
    from quarters
    inner join coverage
        on
            {{ date_plus_days('quarters.quarter_start_date', -1) }} = coverage.coverage_date
            and quarters.segment = coverage.segment
            and quarters.quarter_start_date <= coverage.quarter_start_date
            and coverage.quarter_start_date <= {{ date_plus_months(
                'quarters.quarter_start_date', 3 * (var('quarters_ahead') - 1)
            ) }}
    where quarters.target_amount is null
),

summed as (
    select
        fiscal_quarter,
        segment,
        cast(
            {{ rounded("sum(cast(coalesce(gap, 0) as " ~ type_double() ~ ") * share)", 2) }}
            as {{ type_money() }}
        ) as derived_amount
    from asked
    group by fiscal_quarter, segment
),

derived as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        quarters.segment,
        coalesce(quarters.target_amount, summed.derived_amount) as target_amount,
        quarters.target_amount is null as is_derived
    from quarters
    left join summed
        on
            quarters.fiscal_quarter = summed.fiscal_quarter
            and quarters.segment = summed.segment
)

select * from derived
