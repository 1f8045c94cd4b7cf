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
from {{ source('marketo', 'program') }}
where not is_deleted
