-- One row per opportunity and stage that it reached, be it by skipping it.
select
    opportunity_id,
    stage,
    stage_order,
    stage_group,
    entered_at,
    is_skipped
from {{ ref('int_stage_entries__dated') }}
