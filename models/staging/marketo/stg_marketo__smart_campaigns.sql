select
    id as smart_campaign_id,
    name as smart_campaign_name,
    program_id
from {{ source('marketo', 'campaign') }}
where not is_deleted
