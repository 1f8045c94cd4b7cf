-- A row is a quarter whose net-new, by the quarter in which it was expected to close, does not add
-- up to what the audit calls net-new in it.
with

by_close_quarter as (
    select
        fiscal_quarter,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from {{ ref('created_by_close_quarter') }}
    group by fiscal_quarter
),

audited as (
    select * from {{ ref('net_new_audit') }}
    where period_grain = 'fiscal_quarter' and step = 'net_new'
)

select coalesce(by_close_quarter.fiscal_quarter, audited.period) as fiscal_quarter
from by_close_quarter
full outer join audited
    on by_close_quarter.fiscal_quarter = audited.period
where
    coalesce(by_close_quarter.created_count, 0) != coalesce(audited.opportunity_count, 0)
    or coalesce(by_close_quarter.created_amount, 0) != coalesce(audited.amount, 0)
