select
    id as opportunity_field_history_id,
    opportunity_id,
    {{ field_key('field') }} as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ source('salesforce', 'opportunity_field_history') }}
where not is_deleted
