-- The verdict on every opportunity: the first one that applies, with its evidence.
with

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

-- Deleted in the CRM or set aside: it was a deal all the same.
known as (
    select opportunity_id
    from {{ ref('int_opportunities__creation_dates') }}
    where is_created_by_as_of
    union distinct
    select opportunity_id
    from {{ ref('crm_deleted_opportunities') }}
    where created_at <= {{ as_of_at() }}
),

excluded as (
    select * from {{ ref('int_opportunities__excluded') }}
),

qualified as (
    select * from {{ ref('int_opportunities__qualified') }}
),

by_day as (
    select * from {{ ref('int_opportunities__by_day') }}
    where date_day = {{ as_of_date() }}
),

at_as_of as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

duplicates as (
    select * from {{ ref('int_opportunity_duplicates__by_day') }}
    where date_day = {{ as_of_date() }}
),

lost_before as (
    select * from {{ ref('int_opportunities__lost_before') }}
),

verdicts as (
    select
        opportunities.opportunity_id,
        by_day.motion,
        qualified.qualified_at,
        qualified.amount_at_qualification,
        qualified.close_date_at_qualification,
        qualified.created_amount,
        excluded.reason as exclusion_reason,
        duplicates.original_opportunity_id,
        known.opportunity_id as cloned_from_id,
        lost_before.lost_opportunity_id,
        case
            when excluded.opportunity_id is not null then 'excluded'
            when qualified.opportunity_id is null then 'unqualified'
            when duplicates.opportunity_id is not null then 'duplicate'
            when by_day.motion = 'renewal' then 'renewal'
            when opportunities.is_recycled then 'recycled'
            when known.opportunity_id is not null then 'recycled'
            when at_as_of.first_closed_at < qualified.qualified_at then 'recycled'
            when lost_before.opportunity_id is not null then 'recycled'
            else 'net_new'
        end as verdict,
        case
            when opportunities.is_recycled then 'flag'
            when known.opportunity_id is not null then 'clone'
            when at_as_of.first_closed_at < qualified.qualified_at then 'reopened'
            when lost_before.opportunity_id is not null then 'lost_before'
        end as recycling
    from opportunities
    inner join by_day
        on opportunities.opportunity_id = by_day.opportunity_id
    inner join at_as_of
        on opportunities.opportunity_id = at_as_of.opportunity_id
    left join known
        on
            opportunities.cloned_from_id = known.opportunity_id
            and opportunities.opportunity_id != known.opportunity_id
    left join excluded
        on opportunities.opportunity_id = excluded.opportunity_id
    left join qualified
        on opportunities.opportunity_id = qualified.opportunity_id
    left join duplicates
        on opportunities.opportunity_id = duplicates.opportunity_id
    left join lost_before
        on opportunities.opportunity_id = lost_before.opportunity_id
),

evidenced as (
    select
        opportunity_id,
        motion,
        qualified_at,
        amount_at_qualification,
        close_date_at_qualification,
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
