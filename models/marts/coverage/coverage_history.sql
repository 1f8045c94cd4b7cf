-- One row per fiscal quarter before the running one whose snapshot counts: its coverage on the day
-- that lies where as-of lies in its own quarter, and what was won by its end.
with

snapshots as (
    select * from {{ ref('dim_snapshot_days') }}
    where is_counted
),

by_segment as (
    select * from {{ ref('int_coverage_history__by_segment') }}
),

summed as (
    select
        snapshots.fiscal_quarter,
        snapshots.quarter_start_date,
        snapshots.snapshot_date as history_date,
        cast(sum(by_segment.quota) as {{ type_money() }}) as quota,
        cast(coalesce(sum(by_segment.won_amount), 0) as {{ type_money() }}) as won_amount,
        cast(sum(by_segment.remaining) as {{ type_money() }}) as remaining,
        cast(coalesce(sum(by_segment.open_amount), 0) as {{ type_money() }}) as open_amount,
        cast(coalesce(sum(by_segment.final_won_amount), 0) as {{ type_money() }})
            as final_won_amount
    from snapshots
    left join by_segment
        on snapshots.fiscal_quarter = by_segment.fiscal_quarter
    group by snapshots.fiscal_quarter, snapshots.quarter_start_date, snapshots.snapshot_date
),

covered as (
    select
        {{ as_of_date() }} as as_of_date,
        fiscal_quarter,
        quarter_start_date,
        history_date,
        quota,
        won_amount,
        remaining,
        open_amount,
        {{ coverage_of('open_amount', 'remaining') }} as coverage,
        final_won_amount
    from summed
)

select * from covered
