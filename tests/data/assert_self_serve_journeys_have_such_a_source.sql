-- A row is a person on the self-serve path whose deal, or without a deal whose lead source, is of
-- another source.
select
    journeys.person_id,
    journeys.opportunity_id,
    opportunities.pipeline_source,
    people.lead_pipeline_source
from {{ ref('fct_lead_journeys') }} as journeys
inner join {{ ref('dim_people') }} as people
    on journeys.person_id = people.person_id
left join {{ ref('fct_opportunities') }} as opportunities
    on journeys.opportunity_id = opportunities.opportunity_id
where
    journeys.path = 'self_serve'
    and case
        when journeys.opportunity_id is not null then opportunities.pipeline_source
        else people.lead_pipeline_source
    end is distinct from 'self_serve'
