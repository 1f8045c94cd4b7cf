select
    upper(iso_code) as currency,
    conversion_rate,
    is_corporate
from {{ source('salesforce', 'currency_type') }}
where not is_deleted
