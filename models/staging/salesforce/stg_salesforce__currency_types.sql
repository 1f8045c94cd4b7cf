select
    upper(iso_code) as currency,
    conversion_rate,
    is_corporate
from {{ ref('lnd_salesforce__currency_type') }}
where set_aside_reason is null and not is_deleted
