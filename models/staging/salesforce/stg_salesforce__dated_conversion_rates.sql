select
    id as dated_conversion_rate_id,
    upper(iso_code) as currency,
    conversion_rate,
    start_date,
    next_start_date
from {{ source('salesforce', 'dated_conversion_rate') }}
where not is_deleted
