-- A row is something that a run as of this day could not have known.
select
    'opportunity' as kind,
    opportunity_id as record_id
from {{ ref('fct_opportunities') }}
where
    first_created_at > {{ as_of_at() }}
    or qualified_at > {{ as_of_at() }}
    or closed_at > {{ as_of_at() }}
    or source_known_at > {{ as_of_at() }}
    or influenced_at > {{ as_of_at() }}
union all
select
    'state' as kind,
    opportunity_id as record_id
from {{ ref('fct_opportunity_states') }}
where valid_from > {{ as_of_at() }} or valid_to > {{ as_of_at() }}
union all
select
    'spell' as kind,
    opportunity_id as record_id
from {{ ref('fct_opportunity_spells') }}
where valid_from > {{ as_of_at() }} or valid_to > {{ as_of_at() }}
union all
select
    'touch' as kind,
    touch_id as record_id
from {{ ref('fct_touches') }}
where touched_at > {{ as_of_at() }}
