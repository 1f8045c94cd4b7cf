-- One row per open deal at risk, with every reason.
with

risks as (
    select * from {{ ref('int_opportunities__risks') }}
    where is_stalled or is_overdue or is_pushed or is_inactive
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Every reason comes with a comma before it; the first comma is cut off.
reasoned as (
    select
        {{ as_of_date() }} as as_of_date,
        risks.opportunity_id,
        opportunities.owner_id,
        opportunities.segment,
        opportunities.stage,
        opportunities.close_date,
        risks.is_stalled,
        risks.is_overdue,
        risks.is_pushed,
        risks.is_inactive,
        substring(
            case when risks.is_stalled then ',stalled' else '' end
            || case when risks.is_overdue then ',overdue' else '' end
            || case when risks.is_pushed then ',pushed' else '' end
            || case when risks.is_inactive then ',inactive' else '' end,
            2
        ) as reasons,
        risks.stage_entered_at,
        risks.days_in_stage,
        risks.mean_cycle_days,
        risks.last_worked_date,
        opportunities.amount,
        opportunities.is_in_reconciled as in_reconciled
    from risks
    inner join opportunities
        on risks.opportunity_id = opportunities.opportunity_id
)

select * from reasoned
