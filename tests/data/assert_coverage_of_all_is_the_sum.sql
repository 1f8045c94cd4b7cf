-- A row is a quarter and motion in which the whole is not the sum of the segments.
with

parts as (
    select
        fiscal_quarter,
        motion,
        sum(quota) as quota,
        sum(won_amount) as won_amount,
        sum(open_amount) as open_amount,
        sum(gap) as gap
    from {{ ref('pipeline_coverage') }}
    where segment != 'all'
    group by fiscal_quarter, motion
    union all
    select
        fiscal_quarter,
        'all' as motion,
        sum(quota) as quota,
        sum(won_amount) as won_amount,
        sum(open_amount) as open_amount,
        sum(gap) as gap
    from {{ ref('pipeline_coverage') }}
    where segment != 'all'
    group by fiscal_quarter
)

select
    parts.fiscal_quarter,
    parts.motion
from parts
inner join {{ ref('pipeline_coverage') }} as coverage
    on
        parts.fiscal_quarter = coverage.fiscal_quarter
        and parts.motion = coverage.motion
        and coverage.segment = 'all'
where
    parts.quota is distinct from coverage.quota
    or parts.won_amount is distinct from coverage.won_amount
    or parts.open_amount is distinct from coverage.open_amount
    or parts.gap is distinct from coverage.gap
