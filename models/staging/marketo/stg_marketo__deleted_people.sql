-- The losing record of a merge is deleted in the MAP, so deleted rows are read here.
select
    id as map_lead_id,
    created_at
from {{ ref('lnd_marketo__lead') }}
where set_aside_reason is null and is_deleted
