-- One row per view and step on the way from the view's total to the reconciled pipeline.
select
    as_of_date,
    view,
    step_order,
    step,
    {{ step_label('step_order', 'step') }} as step_label,
    is_total,
    opportunity_count,
    amount
from {{ ref('pipeline_bridge_history') }}
where as_of_date = {{ as_of_date() }}
