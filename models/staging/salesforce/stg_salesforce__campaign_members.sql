select
    id as campaign_member_id,
    campaign_id,
    lead_id,
    contact_id,
    status,
    coalesce(has_responded, false) as has_responded,
    first_responded_date as first_responded_at,
    created_date as created_at
from {{ source('salesforce', 'campaign_member') }}
where not is_deleted
