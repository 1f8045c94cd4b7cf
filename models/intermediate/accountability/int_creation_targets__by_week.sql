-- The creation target of each week, by source, segment and owner. A day's target is the quarter's
-- divided by its days, a week's the sum of its days; a week belongs to the quarter of its Monday.
with

source_targets as (
    select * from {{ ref('fct_source_targets') }}
    where has_target
),

segment_targets as (
    select * from {{ ref('fct_creation_targets') }}
),

rep_targets as (
    select * from {{ seed('rep_targets') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

targets as (
    select
        'pipeline_source' as dimension,
        pipeline_source as dimension_value,
        fiscal_quarter,
        target_amount
    from source_targets
    union all
    select
        'segment' as dimension,
        segment as dimension_value,
        fiscal_quarter,
        target_amount
    from segment_targets
    union all
    select
        'owner_id' as dimension,
        {{ salesforce_id('owner_id') }} as dimension_value,
        fiscal_quarter,
        target_amount
    from rep_targets
),

-- A week in which one quarter ends and the next begins has days of both.
week_days as (
    select
        week_start,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        count(*) as day_count,
        max(case when date_day = week_start then 1 else 0 end) = 1 as has_monday
    from dates
    group by week_start, fiscal_quarter, quarter_start_date, quarter_end_date
),

-- A week that reaches into a quarter whose target is unknown is unknown too, unlike one that
-- reaches into a quarter without any.
weekly as (
    select
        targets.dimension,
        targets.dimension_value,
        week_days.week_start,
        case
            when count(targets.target_amount) = count(*)
                then sum(
                    targets.target_amount * week_days.day_count
                    / cast(
                        {{ days_between(
                            'week_days.quarter_start_date', 'week_days.quarter_end_date'
                        ) }} + 1
                        as {{ type_double() }}
                    )
                )
        end as target_amount,
        max(case when week_days.has_monday then targets.target_amount end) as quarter_target
    from targets
    inner join week_days
        on targets.fiscal_quarter = week_days.fiscal_quarter
    group by targets.dimension, targets.dimension_value, week_days.week_start
)

select * from weekly
