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
from {{ ref('lnd_marketo__lead') }}
where set_aside_reason is null and not is_deleted
