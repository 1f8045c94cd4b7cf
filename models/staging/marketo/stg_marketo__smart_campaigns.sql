select
    id as smart_campaign_id,
    name as smart_campaign_name,
    program_id
from {{ ref('lnd_marketo__campaign') }}
where set_aside_reason is null and not is_deleted
