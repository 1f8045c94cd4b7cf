-- One row per visit of an opportunity to a stage.
select
    opportunity_id,
    stage,
    stage_order,
    stage_group,
    entered_at,
    left_at,
    visit_number,
    is_regression
from {{ ref('int_stage_visits__dated') }}
