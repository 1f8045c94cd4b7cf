-- One row per account that stands for itself in the CRM.
select
    account_id,
    account_name,
    industry,
    number_of_employees,
    segment,
    annual_revenue_amount,
    billing_country,
    parent_account_id,
    owner_id,
    created_at
from {{ ref('int_accounts__segmented') }}
