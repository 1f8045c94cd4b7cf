-- A row is a fiscal quarter of the plan whose teams are asked together for more than its creation
-- target, or whose capacity is another than that of its teams.
with

teams as (
    select
        fiscal_quarter,
        sum(asked_amount) as asked_amount,
        case when count(capacity_amount) = count(*) then sum(capacity_amount) end
            as capacity_amount
    from {{ ref('plan_teams') }}
    group by fiscal_quarter
)

select
    plan.fiscal_quarter,
    plan.creation_target,
    teams.asked_amount
from {{ ref('plan_credibility') }} as plan
left join teams
    on plan.fiscal_quarter = teams.fiscal_quarter
where
    teams.asked_amount > plan.creation_target
    or plan.capacity_amount is distinct from teams.capacity_amount
