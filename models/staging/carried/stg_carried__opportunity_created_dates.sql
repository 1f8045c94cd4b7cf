select
    opportunity_id,
    created_at,
    seen_on
from {{ last_published(source('carried', 'opportunity_created_dates')) }}
