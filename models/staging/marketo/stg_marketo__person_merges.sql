select
    id as activity_id,
    lead_id as surviving_map_lead_id,
    activity_date as merged_at,
    -- Numbers with anything else between: `[123,456]`, `["123"]`, a line each. Where numbers became
    -- floats, 123.0 is 123.
    {{ pattern_replaced(
        pattern_replaced('merge_ids', '[^0-9.]+', ','), '[.]0*(,|$)', ','
    ) }} as merged_map_lead_ids
from {{ ref('lnd_marketo__activity_merge_leads') }}
where set_aside_reason is null and not is_deleted
