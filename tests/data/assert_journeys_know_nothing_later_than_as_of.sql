-- A row is a person who reached a stage, or joined a deal, after the as-of day.
{{ config(group='funnel') }}
select
    person_id,
    'journey' as kind
from {{ ref('fct_lead_journeys') }}
where
    {{ greatest_known(
        'inquiry_at', 'mql_at', 'sal_at', 'sql_at', 'opportunity_at', 'won_at', 'lost_at',
        'renewal_at', 'rejected_at', 'recycled_at'
    ) }} > {{ as_of_at() }}
union all
select
    person_id,
    'deal' as kind
from {{ ref('int_opportunity_people__by_role_or_conversion') }}
where joined_at > {{ as_of_at() }}
