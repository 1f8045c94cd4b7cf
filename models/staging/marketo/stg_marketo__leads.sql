select
    id as map_lead_id,
    email,
    lead_source,
    created_at,
    sfdc_lead_id as crm_lead_id,
    sfdc_contact_id as crm_contact_id,
    sfdc_account_id as crm_account_id,
    original_source_type,
    lead_status
from {{ source('marketo', 'lead') }}
where not is_deleted
