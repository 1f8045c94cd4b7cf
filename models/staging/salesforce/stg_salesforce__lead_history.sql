select
    id as lead_history_id,
    lead_id,
    {{ field_key('field') }} as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ source('salesforce', 'lead_history') }}
where not is_deleted
