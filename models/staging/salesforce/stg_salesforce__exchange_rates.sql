-- A rate of today, and those of some days.
select
    'static:' || upper(iso_code) as exchange_rate_id,
    upper(iso_code) as currency,
    conversion_rate,
    cast(null as date) as start_date,
    cast(null as date) as next_start_date
from {{ ref('lnd_salesforce__currency_type') }}
where set_aside_reason is null and not is_deleted
union all
select
    id as exchange_rate_id,
    upper(iso_code) as currency,
    conversion_rate,
    start_date,
    next_start_date
from {{ ref('lnd_salesforce__dated_conversion_rate') }}
where set_aside_reason is null and not is_deleted and start_date is not null
