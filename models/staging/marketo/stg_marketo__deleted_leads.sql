-- The losing record of a merge is deleted in the MAP, so deleted rows are read here.
select
    id as map_lead_id,
    created_at
from {{ source('marketo', 'lead') }}
where is_deleted
