-- One row per week and segment of net-new pipeline against its target.
with

weeks as (
    select * from {{ ref('fct_creation_weeks') }}
    where dimension = 'segment'
)

select
    week_start,
    fiscal_quarter,
    dimension_value as segment,
    created_count,
    created_amount,
    target_amount,
    quarter_to_date,
    quarter_target,
    attainment,
    pace,
    behind_pct
from weeks
