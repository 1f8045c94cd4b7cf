select
    id as opportunity_field_history_id,
    opportunity_id,
    {{ field_key('field') }} as field_key,
    old_value,
    new_value,
    created_date as created_at
from {{ ref('lnd_salesforce__opportunity_field_history') }}
where set_aside_reason is null and not is_deleted
