select
    id as map_lead_id,
    program_id,
    membership_date as joined_at,
    progression_status,
    reached_success as has_reached_success,
    reached_success_date as reached_success_at
from {{ source('marketo', 'program_membership') }}
where not is_deleted
