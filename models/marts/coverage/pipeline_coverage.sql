-- One row per segment, motion and fiscal quarter from the running one to the fifth after it.
with

by_segment as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

-- Each segment's own row, and the totals beside it.
summed as (
    select
        coalesce(by_segment.segment, 'all') as segment,
        coalesce(by_segment.motion, 'all') as motion,
        fiscal_quarter,
        quarter_start_date,
        cast(sum(quota) as {{ type_money() }}) as quota,
        cast(sum(won_amount) as {{ type_money() }}) as won_amount,
        cast(sum(remaining) as {{ type_money() }}) as remaining,
        cast(sum(open_amount) as {{ type_money() }}) as open_amount,
        cast(sum(required) as {{ type_money() }}) as required,
        cast(sum(gap) as {{ type_money() }}) as gap,
        cast(sum(due) as {{ type_money() }}) as due,
        cast(sum(behind_by) as {{ type_money() }}) as behind_by,
        cast(sum(weekly_creation_needed) as {{ type_money() }}) as weekly_creation_needed,
        cast(sum(too_late_gap) as {{ type_money() }}) as too_late_gap
    from by_segment
    group by rollup(quarter_start_date, fiscal_quarter, by_segment.motion, by_segment.segment)
    -- Sums over several quarters say nothing.
    having fiscal_quarter is not null
),

judged as (
    select
        *,
        {{ coverage_of('open_amount', 'remaining') }} as coverage,
        {{ coverage_status(not_due='due = 0') }} as status_of_total
    from summed
),

-- Rates, cycles and dates of a whole company are not the sum of its segments': they stay null.
dated as (
    select
        {{ as_of_date() }} as as_of_date,
        judged.segment,
        judged.motion,
        judged.fiscal_quarter,
        judged.quarter_start_date,
        judged.segment = 'all' as is_total,
        by_segment.closed_count,
        by_segment.win_rate_raw,
        by_segment.win_rate,
        by_segment.median_cycle_days,
        by_segment.mean_cycle_days,
        by_segment.p80_cycle_days,
        by_segment.create_and_close_share,
        by_segment.required_coverage,
        by_segment.adjusted_coverage,
        judged.quota,
        judged.won_amount,
        judged.remaining,
        judged.open_amount,
        judged.coverage,
        judged.required,
        judged.gap,
        by_segment.create_by,
        by_segment.weeks_left,
        by_segment.due_share,
        judged.due,
        judged.behind_by,
        judged.weekly_creation_needed,
        judged.too_late_gap,
        coalesce(by_segment.status, judged.status_of_total) as status
    from judged
    left join by_segment
        on
            judged.segment = by_segment.segment
            and judged.motion = by_segment.motion
            and judged.fiscal_quarter = by_segment.fiscal_quarter
)

select * from dated
