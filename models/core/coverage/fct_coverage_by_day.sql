-- One row per day that coverage is computed for, segment, motion and fiscal quarter ahead.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
    where has_rates
),

rates as (
    select * from {{ ref('int_win_rates__smoothed') }}
),

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where is_won_money
),

open_opportunities as (
    select * from {{ ref('fct_coverage_open_opportunities') }}
),

quotas as (
    select * from {{ seed('quotas') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

quarters as (
    select
        days.coverage_date,
        dates.fiscal_quarter,
        dates.quarter_start_date,
        dates.quarter_end_date
    from days
    inner join dates
        on
            days.quarter_start_date <= dates.quarter_start_date
            and dates.quarter_start_date
            <= {{ date_plus_months('days.quarter_start_date', 3 * var('quarters_ahead')) }}
),

won as (
    select
        coverage_date,
        segment,
        motion,
        {{ fiscal_quarter_start('close_day') }} as quarter_start_date,
        sum(coalesce(amount, 0)) as won_amount
    from closings
    group by coverage_date, segment, motion, {{ fiscal_quarter_start('close_day') }}
),

open_pipeline as (
    select
        coverage_date,
        segment,
        motion,
        close_quarter_start_date as quarter_start_date,
        sum(coalesce(amount, 0)) as open_amount
    from open_opportunities
    group by coverage_date, segment, motion, close_quarter_start_date
),

measured as (
    select
        rates.*,
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        quotas.quota,
        cast(coalesce(won.won_amount, 0) as {{ type_money() }}) as won_amount,
        cast(coalesce(open_pipeline.open_amount, 0) as {{ type_money() }}) as open_amount,
        cast(greatest(quotas.quota - coalesce(won.won_amount, 0), 0) as {{ type_money() }})
            as remaining_amount
    from rates
    inner join quarters
        on rates.coverage_date = quarters.coverage_date
    left join quotas
        on
            quarters.fiscal_quarter = quotas.fiscal_quarter
            and rates.segment = trim(quotas.segment)
            and rates.motion = quotas.motion
    left join won
        on
            rates.coverage_date = won.coverage_date
            and rates.segment = won.segment
            and rates.motion = won.motion
            and quarters.quarter_start_date = won.quarter_start_date
    left join open_pipeline
        on
            rates.coverage_date = open_pipeline.coverage_date
            and rates.segment = open_pipeline.segment
            and rates.motion = open_pipeline.motion
            and quarters.quarter_start_date = open_pipeline.quarter_start_date
),

-- greatest() ignores nulls, so what is left of no quota would be 0: it is unknown.
remaining_known as (
    select
        *,
        case when quota is not null then remaining_amount end as remaining
    from measured
),

needed as (
    select
        *,
        {{ coverage_of('open_amount', 'remaining') }} as coverage,
        cast(
            {{ rounded("cast(remaining as " ~ type_double() ~ ") * required_coverage", 2) }}
            as {{ type_money() }}
        ) as required,
        coalesce(
            {{ date_plus_days(
                'quarter_end_date', '-1 * cast(ceil(' ~ rounded('median_cycle_days', 6) ~ ') as integer)'
            ) }},
            quarter_end_date
        ) as create_by
    from remaining_known
),

gapped as (
    select
        *,
        case
            when required is not null
                then cast(greatest(required - open_amount, 0) as {{ type_money() }})
        end as gap,
        greatest(
            cast(
                floor(
                    {{ days_between('coverage_date', 'create_by') }}
                    / cast(7 as {{ type_double() }})
                ) as integer
            ),
            0
        ) as weeks_left,
        cast(
            floor(
                ({{ days_between('quarter_start_date', 'quarter_end_date') }} + 1)
                / cast(7 as {{ type_double() }})
            ) as integer
        ) as window_weeks,
        create_by < coverage_date as is_window_over,
        {{ due_share('coverage_date', 'create_by', 'quarter_start_date', 'quarter_end_date') }}
            as due_share
    from needed
),

due_by_now as (
    select
        *,
        {{ due_amount('required', 'due_share') }} as due
    from gapped
),

behind as (
    select
        *,
        case
            when due is not null
                then cast(greatest(due - open_amount, 0) as {{ type_money() }})
        end as behind_by
    from due_by_now
),

judged as (
    select
        *,
        {{ coverage_status(not_due='due_share = 0', too_late='is_window_over') }} as status
    from behind
),

computed as (
    select
        coverage_date,
        segment,
        motion,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        closed_count,
        win_rate_raw,
        win_rate,
        median_cycle_days,
        mean_cycle_days,
        p80_cycle_days,
        create_and_close_share,
        required_coverage,
        adjusted_coverage,
        quota,
        won_amount,
        remaining,
        open_amount,
        coverage,
        required,
        gap,
        create_by,
        weeks_left,
        due_share,
        due,
        behind_by,
        case
            when status != 'too_late'
                then cast(
                    {{ rounded(
                        "cast(gap as " ~ type_double()
                        ~ ") / greatest(least(weeks_left, window_weeks), 1)",
                        2
                    ) }} as {{ type_money() }}
                )
        end as weekly_creation_needed,
        case
            when gap is not null
                then cast(case when status = 'too_late' then gap else 0 end as {{ type_money() }})
        end as too_late_gap,
        status
    from judged
)

select * from computed
