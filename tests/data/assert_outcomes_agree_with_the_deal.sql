-- A row is a deal whose current outcome differs from the deal itself, or a successor that is no
-- duplicate of the deal it succeeds.
select
    opportunities.opportunity_id,
    opportunities.outcome_stage_group,
    outcomes.stage_group
from {{ ref('fct_opportunities') }} as opportunities
left join {{ ref('fct_opportunity_outcomes') }} as outcomes
    on
        opportunities.opportunity_id = outcomes.opportunity_id
        and outcomes.valid_to is null
left join {{ ref('fct_opportunities') }} as successors
    on opportunities.successor_opportunity_id = successors.opportunity_id
where
    opportunities.outcome_closed_at is distinct from outcomes.closed_at
    or opportunities.outcome_close_day is distinct from outcomes.close_day
    or nullif(opportunities.outcome_stage_group, 'open') is distinct from outcomes.stage_group
    or (
        opportunities.outcome_stage_group != 'open'
        and opportunities.outcome_amount is distinct from outcomes.amount
    )
    or (
        opportunities.successor_opportunity_id is not null
        and (
            opportunities.stage_group != 'lost'
            or successors.verdict is distinct from 'duplicate'
            or successors.verdict_evidence is distinct from opportunities.opportunity_id
        )
    )
