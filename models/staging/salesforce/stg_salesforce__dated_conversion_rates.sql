select
    id as dated_conversion_rate_id,
    upper(iso_code) as currency,
    conversion_rate,
    start_date,
    next_start_date
from {{ ref('lnd_salesforce__dated_conversion_rate') }}
where set_aside_reason is null and not is_deleted
