-- A row is a period whose steps do not lead from what was claimed to what was net-new.
select
    period_grain,
    period,
    sum(case when step = 'net_new' then -opportunity_count else opportunity_count end)
        as missing_count,
    sum(case when step = 'net_new' then -amount else amount end) as missing_amount
from {{ ref('net_new_audit') }}
group by period_grain, period
having
    sum(case when step = 'net_new' then -opportunity_count else opportunity_count end) != 0
    or sum(case when step = 'net_new' then -amount else amount end) != 0
