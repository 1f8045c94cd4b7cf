select
    id as lead_id,
    email,
    company,
    lead_source,
    status,
    rejection_reason_c as rejection_reason,
    owner_id,
    number_of_employees,
    created_date as created_at,
    is_converted,
    converted_date as converted_at,
    converted_account_id,
    converted_contact_id,
    converted_opportunity_id
from {{ ref('lnd_salesforce__lead') }}
where set_aside_reason is null and not is_deleted
