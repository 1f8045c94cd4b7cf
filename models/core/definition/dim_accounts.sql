-- One row per account that stands for itself in the CRM.
with

accounts as (
    select * from {{ ref('crm_accounts') }}
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

segments as (
    select * from {{ seed('segments') }}
),

segmented as (
    select
        accounts.account_id,
        accounts.account_name,
        accounts.industry,
        accounts.number_of_employees,
        coalesce(segments.segment, 'unknown') as segment,
        accounts.annual_revenue_amount,
        accounts.billing_country,
        accounts.parent_account_id,
        accounts.owner_id,
        accounts.created_at
    from accounts
    left join segments
        on {{ is_in_segment('accounts.number_of_employees', 'segments') }}
    where not exists (
        select 1
        from account_merges
        where accounts.account_id = account_merges.record_id
    )
)

select * from segmented
