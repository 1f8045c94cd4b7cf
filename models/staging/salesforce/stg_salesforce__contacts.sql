select
    id as contact_id,
    account_id,
    email,
    lead_source,
    created_date as created_at,
    title,
    contact_status_c as contact_status
from {{ source('salesforce', 'contact') }}
where not is_deleted
