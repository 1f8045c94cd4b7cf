-- The verdict on every deal: the first that applies, with the evidence.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

excluded as (
    select * from {{ ref('int_opportunities__excluded') }}
),

qualified as (
    select * from {{ ref('int_opportunities__qualified') }}
),

motioned as (
    select * from {{ ref('int_opportunities__motioned') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

duplicated as (
    select * from {{ ref('int_opportunities__duplicated') }}
),

revived as (
    select * from {{ ref('int_opportunities__revived') }}
),

verdicts as (
    select
        opportunities.opportunity_id,
        motioned.motion,
        qualified.qualified_at,
        qualified.created_amount,
        excluded.reason as exclusion_reason,
        duplicated.original_opportunity_id,
        opportunities.cloned_from_id,
        revived.lost_opportunity_id,
        case
            when excluded.opportunity_id is not null then 'excluded'
            when qualified.opportunity_id is null then 'unqualified'
            when duplicated.opportunity_id is not null then 'duplicate'
            when motioned.motion = 'renewal' then 'renewal'
            when opportunities.is_recycled then 'recycled'
            when opportunities.cloned_from_id is not null then 'recycled'
            when presented.first_closed_at < qualified.qualified_at then 'recycled'
            when revived.opportunity_id is not null then 'recycled'
            else 'net_new'
        end as verdict,
        case
            when opportunities.is_recycled then 'flag'
            when opportunities.cloned_from_id is not null then 'clone'
            when presented.first_closed_at < qualified.qualified_at then 'reopened'
            when revived.opportunity_id is not null then 'lost_before'
        end as recycling
    from opportunities
    inner join motioned
        on opportunities.opportunity_id = motioned.opportunity_id
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    left join excluded
        on opportunities.opportunity_id = excluded.opportunity_id
    left join qualified
        on opportunities.opportunity_id = qualified.opportunity_id
    left join duplicated
        on opportunities.opportunity_id = duplicated.opportunity_id
    left join revived
        on opportunities.opportunity_id = revived.opportunity_id
),

evidenced as (
    select
        opportunity_id,
        motion,
        qualified_at,
        created_amount,
        verdict,
        case verdict
            when 'excluded' then exclusion_reason
            when 'recycled' then recycling
        end as verdict_reason,
        case
            when verdict = 'duplicate' then original_opportunity_id
            when verdict = 'recycled' and recycling = 'clone' then cloned_from_id
            when verdict = 'recycled' and recycling = 'lost_before' then lost_opportunity_id
        end as verdict_evidence
    from verdicts
)

select * from evidenced
