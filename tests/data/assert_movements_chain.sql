-- A row is a day on which one movement of everything closes and another opens at a different
-- figure.
select
    earlier.to_date,
    earlier.amount as closing_amount,
    later.amount as opening_amount
from {{ ref('pipeline_movements') }} as earlier
inner join {{ ref('pipeline_movements') }} as later
    on earlier.to_date = later.from_date
where
    earlier.step = 'closing'
    and later.step = 'opening'
    and earlier.scope = 'all'
    and later.scope = 'all'
    and (
        earlier.amount != later.amount
        or earlier.opportunity_count != later.opportunity_count
    )
