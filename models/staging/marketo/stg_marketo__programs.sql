select
    id as program_id,
    name as program_name,
    channel,
    type as program_type,
    status,
    start_date,
    end_date,
    created_at,
    sfdc_id as crm_campaign_id
from {{ ref('lnd_marketo__program') }}
where set_aside_reason is null and not is_deleted
