-- A row is a quarter whose answer differs from what coverage says of all segments and motions, or
-- whose quota or won money differs from the plan's.
select
    quarters.fiscal_quarter,
    quarters.won_amount,
    coverage.won_amount as coverage_won_amount,
    quarters.gap,
    coverage.gap as coverage_gap
from {{ ref('review_quarters') }} as quarters
left join {{ ref('pipeline_coverage') }} as coverage
    on
        quarters.fiscal_quarter = coverage.fiscal_quarter
        and coverage.segment = 'all'
        and coverage.motion = 'all'
left join {{ ref('plan_credibility') }} as plan
    on quarters.fiscal_quarter = plan.fiscal_quarter
where
    coverage.fiscal_quarter is null
    or quarters.won_amount != coverage.won_amount
    or quarters.open_amount != coverage.open_amount
    or quarters.required is distinct from coverage.required
    or quarters.gap is distinct from coverage.gap
    or quarters.quota is distinct from plan.quota
    or quarters.won_amount is distinct from plan.won_amount
