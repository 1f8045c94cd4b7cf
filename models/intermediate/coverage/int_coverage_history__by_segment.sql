-- What was to be won, was won and was open of an earlier quarter on the day of its snapshot, per
-- segment and motion, and what was won of it by its end.
with

snapshots as (
    select * from {{ ref('dim_snapshot_days') }}
    where is_counted
),

quotas as (
    select * from {{ seed('quotas') }}
    where motion in ('new_business', 'expansion')
),

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where is_won_money
),

open_opportunities as (
    select * from {{ ref('fct_coverage_open_opportunities') }}
),

parts as (
    select
        snapshots.fiscal_quarter,
        trim(quotas.segment) as segment,
        quotas.motion,
        quotas.quota,
        0 as won_amount,
        0 as open_amount,
        0 as final_won_amount
    from snapshots
    inner join quotas
        on snapshots.fiscal_quarter = quotas.fiscal_quarter
    union all
    select
        snapshots.fiscal_quarter,
        closings.segment,
        closings.motion,
        null as quota,
        case when snapshots.snapshot_date = closings.coverage_date then closings.amount end
            as won_amount,
        0 as open_amount,
        case when closings.coverage_date = {{ as_of_date() }} then closings.amount end
            as final_won_amount
    from snapshots
    inner join closings
        on
            snapshots.quarter_start_date <= closings.close_day
            and snapshots.quarter_end_date >= closings.close_day
            and (
                snapshots.snapshot_date = closings.coverage_date
                or closings.coverage_date = {{ as_of_date() }}
            )
    union all
    select
        snapshots.fiscal_quarter,
        open_opportunities.segment,
        open_opportunities.motion,
        null as quota,
        0 as won_amount,
        open_opportunities.amount as open_amount,
        0 as final_won_amount
    from snapshots
    inner join open_opportunities
        on
            snapshots.snapshot_date = open_opportunities.coverage_date
            and snapshots.quarter_start_date = open_opportunities.close_quarter_start_date
),

summed as (
    select
        fiscal_quarter,
        segment,
        motion,
        cast(sum(quota) as {{ type_money() }}) as quota,
        cast(coalesce(sum(won_amount), 0) as {{ type_money() }}) as won_amount,
        cast(coalesce(sum(open_amount), 0) as {{ type_money() }}) as open_amount,
        cast(coalesce(sum(final_won_amount), 0) as {{ type_money() }}) as final_won_amount
    from parts
    group by fiscal_quarter, segment, motion
),

-- What one segment won beyond its quota fills no other's.
remaining_known as (
    select
        *,
        case
            when quota is not null then cast(greatest(quota - won_amount, 0) as {{ type_money() }})
        end as remaining
    from summed
)

select * from remaining_known
