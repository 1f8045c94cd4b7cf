-- What the net-new rules compare deals by, for every deal that could be pipeline at all:
-- qualified at some time and not excluded.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

crm_opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

qualified as (
    select * from {{ ref('int_opportunities__qualified') }}
),

motioned as (
    select * from {{ ref('int_opportunities__motioned') }}
),

excluded as (
    select * from {{ ref('int_opportunities__excluded') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

comparable as (
    select
        opportunities.opportunity_id,
        opportunities.account_id,
        {{ match_key('crm_opportunities.opportunity_name') }} as opportunity_name_key,
        opportunities.first_created_at,
        motioned.motion,
        qualified.qualified_at,
        qualified.amount_at_qualification,
        qualified.currency_at_qualification,
        presented.stage_group,
        presented.closed_at
    from opportunities
    inner join crm_opportunities
        on opportunities.opportunity_id = crm_opportunities.opportunity_id
    inner join qualified
        on opportunities.opportunity_id = qualified.opportunity_id
    inner join motioned
        on opportunities.opportunity_id = motioned.opportunity_id
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    where not exists (
        select 1
        from excluded
        where opportunities.opportunity_id = excluded.opportunity_id
    )
)

select * from comparable
