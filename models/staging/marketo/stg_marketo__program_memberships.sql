select
    id as map_lead_id,
    program_id,
    membership_date as joined_at,
    progression_status,
    reached_success as has_reached_success,
    reached_success_date as reached_success_at
from {{ ref('lnd_marketo__program_membership') }}
where set_aside_reason is null and not is_deleted
