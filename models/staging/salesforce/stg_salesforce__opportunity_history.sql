select
    id as opportunity_history_id,
    opportunity_id,
    created_date as created_at,
    stage_name,
    {{ money('amount') }} as amount,
    close_date,
    probability as probability_percent,
    forecast_category,
    upper(currency_iso_code) as currency,
    system_modstamp as modified_at
from {{ ref('lnd_salesforce__opportunity_history') }}
where set_aside_reason is null and not is_deleted
