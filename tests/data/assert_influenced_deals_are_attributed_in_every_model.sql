-- A row is an influenced deal that an attribution model leaves out, or a deal in it that is not
-- influenced.
with

attributed as (
    select
        opportunity_id,
        count(distinct model) as model_count
    from {{ ref('fct_attribution') }}
    group by opportunity_id
)

select
    opportunities.opportunity_id,
    attributed.model_count
from {{ ref('fct_opportunities') }} as opportunities
left join attributed
    on opportunities.opportunity_id = attributed.opportunity_id
where coalesce(attributed.model_count, 0) != case when opportunities.is_influenced then 8 else 0 end
