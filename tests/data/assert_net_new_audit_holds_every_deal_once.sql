-- A row is a grain whose periods together differ from the deals, in what was claimed or created.
with

audited as (
    select
        period_grain,
        sum(case when step = 'claimed' then opportunity_count else 0 end) as claimed_count,
        sum(case when step = 'claimed' then amount else 0 end) as claimed_amount,
        sum(case when step = 'net_new' then opportunity_count else 0 end) as net_new_count,
        sum(case when step = 'net_new' then amount else 0 end) as net_new_amount
    from {{ ref('net_new_audit') }}
    group by period_grain
),

deals as (
    select
        count(crm_created_date) as claimed_count,
        coalesce(sum(case when crm_created_date is not null then amount end), 0) as claimed_amount,
        coalesce(sum(case when is_net_new then 1 else 0 end), 0) as net_new_count,
        coalesce(sum(case when is_net_new then created_amount end), 0) as net_new_amount
    from {{ ref('fct_opportunities') }}
)

select audited.*
from audited
cross join deals
where
    audited.claimed_count != deals.claimed_count
    or audited.claimed_amount != deals.claimed_amount
    or audited.net_new_count != deals.net_new_count
    or audited.net_new_amount != deals.net_new_amount
