-- Who is on which deal, where a deal that was entered twice is one: the people of a duplicate are
-- on its original, which ends as the duplicate that succeeded it. No one is on an excluded deal.
with

opportunity_people as (
    select * from {{ ref('int_opportunity_people__by_role_or_conversion') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

entries as (
    select
        opportunity_people.person_id,
        {{ deal_entered('opportunities') }} as opportunity_id,
        min(opportunity_people.joined_at) as joined_at
    from opportunity_people
    inner join opportunities
        on opportunity_people.opportunity_id = opportunities.opportunity_id
    group by opportunity_people.person_id, {{ deal_entered('opportunities') }}
),

deals as (
    select
        entries.person_id,
        entries.opportunity_id,
        entries.joined_at,
        opportunities.first_created_at,
        opportunities.motion = 'renewal' as is_renewal,
        opportunities.outcome_stage_group as stage_group,
        opportunities.outcome_closed_at as closed_at,
        opportunities.outcome_amount as amount
    from entries
    inner join opportunities
        on entries.opportunity_id = opportunities.opportunity_id
)

select * from deals
