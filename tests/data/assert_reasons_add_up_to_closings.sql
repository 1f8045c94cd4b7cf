-- A row is a quarter and outcome whose reasons differ from the deals that had closed in it, one by
-- one: in their number or their money.
with

reasons as (
    select
        fiscal_quarter,
        outcome,
        sum(opportunity_count) as opportunity_count,
        sum(amount) as amount
    from {{ ref('win_loss_reasons') }}
    group by fiscal_quarter, outcome
),

closings as (
    select
        {{ fiscal_quarter('outcomes.close_day') }} as fiscal_quarter,
        outcomes.stage_group as outcome,
        count(*) as opportunity_count,
        coalesce(sum(outcomes.amount), 0) as amount
    from {{ ref('fct_opportunity_outcomes') }} as outcomes
    inner join {{ ref('fct_opportunities') }} as opportunities
        on outcomes.opportunity_id = opportunities.opportunity_id
    where
        outcomes.valid_to is null
        and not opportunities.is_excluded
        and opportunities.verdict != 'duplicate'
    group by {{ fiscal_quarter('outcomes.close_day') }}, outcomes.stage_group
)

select
    coalesce(reasons.fiscal_quarter, closings.fiscal_quarter) as fiscal_quarter,
    coalesce(reasons.outcome, closings.outcome) as outcome
from reasons
full outer join closings
    on
        reasons.fiscal_quarter = closings.fiscal_quarter
        and reasons.outcome = closings.outcome
where
    reasons.opportunity_count is distinct from closings.opportunity_count
    or reasons.amount is distinct from closings.amount
