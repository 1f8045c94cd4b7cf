select
    id as activity_id,
    lead_id as map_lead_id,
    {{ field_key('primary_attribute_value') }} as field_key,
    activity_date as occurred_at,
    old_value as old_status,
    new_value as new_status
from {{ ref('lnd_marketo__activity_change_data_value') }}
-- The log has every field of a lead, by its label or by its API name.
where
    set_aside_reason is null
    and not is_deleted
    and {{ is_lifecycle_field("'marketo'", "'map_lead'", field_key('primary_attribute_value')) }}
