-- A row is a deal whose states or spells do not begin when the deal did.
with

beginnings as (
    select
        opportunity_id,
        min(valid_from) as began_at,
        'state' as kind
    from {{ ref('fct_opportunity_states') }}
    group by opportunity_id
    union all
    select
        opportunity_id,
        min(valid_from) as began_at,
        'spell' as kind
    from {{ ref('fct_opportunity_spells') }}
    group by opportunity_id
)

select
    opportunities.opportunity_id,
    opportunities.first_created_at,
    beginnings.kind,
    beginnings.began_at
from {{ ref('fct_opportunities') }} as opportunities
left join beginnings
    on opportunities.opportunity_id = beginnings.opportunity_id
where opportunities.first_created_at is distinct from beginnings.began_at
