select
    opportunity_id,
    created_at,
    seen_on
from {{ source('carried', 'opportunity_created_dates') }}
