-- A row means that the quarter to date does not close at the reconciled pipeline of as-of.
select
    movements.opportunity_count,
    movements.amount,
    measures.opportunity_count as reconciled_count,
    measures.amount as reconciled_amount
from {{ ref('pipeline_movements') }} as movements
cross join {{ ref('double_counting') }} as measures
where
    movements.to_date = {{ as_of_date() }}
    and movements.scope = 'all'
    and movements.step = 'closing'
    and measures.measure = 'reconciled'
    and (
        movements.opportunity_count != measures.opportunity_count
        or movements.amount != measures.amount
    )
