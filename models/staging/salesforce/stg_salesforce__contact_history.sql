select
    id as contact_history_id,
    contact_id,
    {{ field_key('field') }} as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ source('salesforce', 'contact_history') }}
where not is_deleted
