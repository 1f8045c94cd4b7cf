select
    id as lead_history_id,
    lead_id,
    -- Field names are compared without case, underscores and the mark of a custom field.
    replace(replace(lower(field), '__c', ''), '_', '') as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ source('salesforce', 'lead_history') }}
where not is_deleted
