-- A row is a deal and model whose weights do not sum to 1, or whose dollars do not sum to its
-- amount.
select
    attribution.opportunity_id,
    attribution.model,
    sum(attribution.weight) as weight,
    sum(attribution.amount) as attributed_amount,
    max(opportunities.amount) as amount
from {{ ref('fct_attribution') }} as attribution
inner join {{ ref('fct_opportunities') }} as opportunities
    on attribution.opportunity_id = opportunities.opportunity_id
group by attribution.opportunity_id, attribution.model
having
    -- Weights have twelve digits; the last may be off by one per touch.
    abs(sum(attribution.weight) - 1) > 0.000001
    or sum(attribution.amount) != max(opportunities.amount)
    or count(attribution.amount) not in (0, count(*))
