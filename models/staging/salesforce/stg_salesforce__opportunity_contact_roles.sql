select
    id as opportunity_contact_role_id,
    opportunity_id,
    contact_id,
    role,
    coalesce(is_primary, false) as is_primary,
    created_date as created_at
from {{ source('salesforce', 'opportunity_contact_role') }}
where not is_deleted
