-- One row per currency and stretch of days in which a rate is in force.
select
    currency,
    valid_from_date,
    valid_to_date,
    conversion_rate
from {{ ref('int_exchange_rates__dated') }}
-- A rate that begins after as-of is not known yet.
where valid_from_date <= {{ as_of_date() }}
