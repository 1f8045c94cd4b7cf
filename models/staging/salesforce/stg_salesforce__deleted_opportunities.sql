-- Of a deleted opportunity only that it was there is read.
select
    id as opportunity_id,
    created_date as created_at
from {{ ref('lnd_salesforce__opportunity') }}
where set_aside_reason is null and is_deleted
