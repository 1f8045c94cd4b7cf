select
    id as opportunity_id,
    account_id,
    name as opportunity_name,
    stage_name,
    {{ money('amount') }} as amount,
    {{ is_beyond_money('amount') }} as is_amount_beyond_money,
    probability as probability_percent,
    close_date,
    created_date as created_at,
    created_by_id,
    last_modified_date as last_modified_at,
    type as opportunity_type,
    lead_source,
    campaign_id,
    owner_id,
    forecast_category,
    upper(currency_iso_code) as currency,
    pipeline_source_c as pipeline_source,
    coalesce(is_recycled_c, false) as is_recycled,
    cloned_from_c as cloned_from_id,
    loss_reason_c as close_reason
from {{ ref('lnd_salesforce__opportunity') }}
where set_aside_reason is null and not is_deleted
