select
    id as campaign_id,
    name as campaign_name,
    type as campaign_type,
    status,
    start_date,
    end_date,
    {{ money('actual_cost') }} as cost_amount,
    parent_id as parent_campaign_id,
    created_date as created_at
from {{ ref('lnd_salesforce__campaign') }}
where set_aside_reason is null and not is_deleted
