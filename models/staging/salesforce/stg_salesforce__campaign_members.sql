select
    id as campaign_member_id,
    campaign_id,
    lead_id,
    contact_id,
    status,
    coalesce(has_responded, false) as has_responded,
    first_responded_date as first_responded_at,
    created_date as created_at
from {{ ref('lnd_salesforce__campaign_member') }}
where set_aside_reason is null and not is_deleted
