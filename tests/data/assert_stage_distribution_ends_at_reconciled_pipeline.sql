-- A row means that the stages of today do not add up to the reconciled pipeline of as-of.
with

staged as (
    select
        coalesce(sum(opportunity_count), 0) as opportunity_count,
        coalesce(sum(amount), 0) as amount
    from {{ ref('stage_distribution') }}
)

select
    staged.opportunity_count,
    staged.amount,
    measures.opportunity_count as reconciled_count,
    measures.amount as reconciled_amount
from staged
cross join {{ ref('double_counting') }} as measures
where
    measures.measure = 'reconciled'
    and (
        staged.opportunity_count != measures.opportunity_count
        or staged.amount != measures.amount
    )
