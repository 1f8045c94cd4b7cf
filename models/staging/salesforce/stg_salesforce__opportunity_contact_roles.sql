select
    id as opportunity_contact_role_id,
    opportunity_id,
    contact_id,
    role,
    coalesce(is_primary, false) as is_primary,
    created_date as created_at
from {{ ref('lnd_salesforce__opportunity_contact_role') }}
where set_aside_reason is null and not is_deleted
