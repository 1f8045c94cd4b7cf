-- A row is a view whose steps do not add up to the reconciled pipeline, in deals or in cents.
select
    view,
    sum(case when step = 'reconciled' then -opportunity_count else opportunity_count end)
        as missing_count,
    sum(case when step = 'reconciled' then -amount else amount end) as missing_amount
from {{ ref('pipeline_bridge') }}
group by view
having
    sum(case when step = 'reconciled' then -opportunity_count else opportunity_count end) != 0
    or sum(case when step = 'reconciled' then -amount else amount end) != 0
