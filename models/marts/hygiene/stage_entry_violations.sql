-- One row per open opportunity and entry criterion of its stage that it does not meet at as-of.
with

violations as (
    select * from {{ ref('int_stage_criteria__unmet') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

owned as (
    select
        {{ as_of_date() }} as as_of_date,
        violations.opportunity_id,
        opportunities.owner_id,
        opportunities.owner_team,
        violations.stage,
        violations.criterion,
        opportunities.amount
    from violations
    inner join opportunities
        on violations.opportunity_id = opportunities.opportunity_id
)

select * from owned
