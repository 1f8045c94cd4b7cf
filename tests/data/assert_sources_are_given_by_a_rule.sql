-- A row is a deal whose source no rule of the company gives.
select
    opportunities.opportunity_id,
    opportunities.pipeline_source
from {{ ref('fct_opportunities') }} as opportunities
where
    opportunities.pipeline_source != 'unknown'
    and not exists (
        select 1
        from {{ seed('source_rules', 'source_rules') }}
        where opportunities.pipeline_source = source_rules.pipeline_source
    )
