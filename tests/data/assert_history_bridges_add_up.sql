-- A row is a past day and view whose steps do not add up to the reconciled pipeline of that day.
select
    as_of_date,
    view,
    sum(case when step = 'reconciled' then -opportunity_count else opportunity_count end)
        as missing_count,
    sum(case when step = 'reconciled' then -amount else amount end) as missing_amount
from {{ ref('pipeline_bridge_history') }}
group by as_of_date, view
having
    sum(case when step = 'reconciled' then -opportunity_count else opportunity_count end) != 0
    or sum(case when step = 'reconciled' then -amount else amount end) != 0
