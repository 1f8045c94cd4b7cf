-- One row per week and source of net-new pipeline against its target.
with

weeks as (
    select * from {{ ref('fct_creation_weeks') }}
    where dimension = 'pipeline_source'
)

select
    week_start,
    fiscal_quarter,
    dimension_value as pipeline_source,
    owner,
    created_count,
    created_amount,
    target_amount,
    quarter_to_date,
    quarter_target,
    attainment,
    pace,
    behind_pct,
    needs_recovery_plan,
    recovery_action_id
from weeks
