-- The creation target of each week, by source and by segment. A day's target is the quarter's
-- divided by its days, a week's the sum of its days; a week belongs to the quarter of its Monday.
with

source_targets as (
    select * from {{ ref('int_creation_targets__by_source') }}
),

segment_targets as (
    select * from {{ ref('fct_creation_targets') }}
    where target_amount is not null
),

dates as (
    select * from {{ ref('dim_dates') }}
),

targets as (
    select
        'pipeline_source' as dimension,
        pipeline_source as dimension_value,
        quarter_start_date,
        quarter_end_date,
        target_amount
    from source_targets
    union all
    select
        'segment' as dimension,
        segment as dimension_value,
        quarter_start_date,
        quarter_end_date,
        target_amount
    from segment_targets
),

-- A week in which one quarter ends and the next begins has days of both.
week_days as (
    select
        week_start,
        quarter_start_date,
        count(*) as day_count,
        max(case when date_day = week_start then 1 else 0 end) = 1 as has_monday
    from dates
    group by week_start, quarter_start_date
),

weekly as (
    select
        targets.dimension,
        targets.dimension_value,
        week_days.week_start,
        sum(
            targets.target_amount * week_days.day_count
            / cast(
                {{ days_between('targets.quarter_start_date', 'targets.quarter_end_date') }} + 1
                as {{ type_double() }}
            )
        ) as target_amount,
        max(case when week_days.has_monday then targets.target_amount end) as quarter_target
    from targets
    inner join week_days
        on targets.quarter_start_date = week_days.quarter_start_date
    group by targets.dimension, targets.dimension_value, week_days.week_start
)

select * from weekly
