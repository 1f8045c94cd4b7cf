-- Of a deleted opportunity only that it was there is read.
select
    id as opportunity_id,
    created_date as created_at
from {{ source('salesforce', 'opportunity') }}
where is_deleted
