-- A row is a deal that its spells put in the reconciled pipeline at as-of and its verdict does not,
-- or the other way round.
select
    opportunities.opportunity_id,
    opportunities.is_in_reconciled,
    spells.valid_from
from {{ ref('fct_opportunities') }} as opportunities
left join {{ ref('fct_pipeline_spells') }} as spells
    on
        opportunities.opportunity_id = spells.opportunity_id
        and spells.valid_to is null
where opportunities.is_in_reconciled != (spells.opportunity_id is not null)
