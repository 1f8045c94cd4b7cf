-- A row is a pair of dates and scope whose opening and steps do not add up to its closing.
select
    from_date,
    to_date,
    scope,
    sum(case when step = 'closing' then -opportunity_count else opportunity_count end)
        as missing_count,
    sum(case when step = 'closing' then -amount else amount end) as missing_amount
from {{ ref('pipeline_movements') }}
group by from_date, to_date, scope
having
    sum(case when step = 'closing' then -opportunity_count else opportunity_count end) != 0
    or sum(case when step = 'closing' then -amount else amount end) != 0
