-- A row is a deal whose verdict, qualification and current criterion contradict one another.
select
    opportunities.opportunity_id,
    opportunities.verdict,
    opportunities.qualified_at,
    opportunities.failing_criterion
from {{ ref('fct_opportunities') }} as opportunities
where
    (opportunities.verdict = 'unqualified' and opportunities.qualified_at is not null)
    or (
        opportunities.verdict not in ('unqualified', 'excluded')
        and opportunities.qualified_at is null
    )
    or (
        opportunities.stage_group = 'open'
        and opportunities.failing_criterion is null
        and opportunities.qualified_at is null
    )
