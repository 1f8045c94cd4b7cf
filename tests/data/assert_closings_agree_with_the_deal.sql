-- A row is a closed deal whose current closing differs from the deal itself.
select
    opportunities.opportunity_id,
    opportunities.closed_at,
    closings.closed_at as closing_closed_at
from {{ ref('fct_opportunities') }} as opportunities
left join {{ ref('fct_opportunity_closings') }} as closings
    on
        opportunities.opportunity_id = closings.opportunity_id
        and closings.valid_to is null
where
    opportunities.closed_at is distinct from closings.closed_at
    or opportunities.close_day is distinct from closings.close_day
    or (
        opportunities.stage_group != 'open'
        and opportunities.stage_group is distinct from closings.stage_group
    )
