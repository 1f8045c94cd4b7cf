-- A row is a person on the self-serve path whose deal has another source, or who has no deal.
select
    journeys.person_id,
    journeys.opportunity_id,
    opportunities.pipeline_source
from {{ ref('fct_lead_journeys') }} as journeys
left join {{ ref('fct_opportunities') }} as opportunities
    on journeys.opportunity_id = opportunities.opportunity_id
where
    journeys.path = 'self_serve'
    and opportunities.pipeline_source is distinct from 'self_serve'
