select
    id as activity_id,
    lead_id as surviving_map_lead_id,
    activity_date as merged_at,
    -- Written `[123,456]`.
    replace(replace(replace(merge_ids, '[', ''), ']', ''), ' ', '') as merged_map_lead_ids
from {{ source('marketo', 'activity_merge_leads') }}
where not is_deleted
