select
    id as account_id,
    name as account_name,
    industry,
    number_of_employees,
    annual_revenue as annual_revenue_amount,
    billing_country,
    parent_id as parent_account_id,
    owner_id,
    created_date as created_at,
    currency_iso_code as currency
from {{ ref('lnd_salesforce__account') }}
where set_aside_reason is null and not is_deleted
