-- One row per open opportunity that is not excluded, with what speaks against it at as-of.
select
    opportunity_id,
    is_stalled,
    is_overdue,
    is_pushed,
    is_inactive,
    stage_entered_at,
    last_worked_date
from {{ ref('int_opportunities__assessed') }}
