select
    id as contact_id,
    account_id,
    email,
    lead_source,
    created_date as created_at,
    title,
    contact_status_c as contact_status
from {{ ref('lnd_salesforce__contact') }}
where set_aside_reason is null and not is_deleted
