-- A row is a past day whose movement does not begin at what the stages held then, or does not end
-- at the reconciled pipeline of as-of.
with

summed as (
    select
        from_date,
        sum(case when step != 'closing' then opportunity_count else 0 end) as moved_count,
        sum(case when step != 'closing' then amount else 0 end) as moved_amount,
        sum(case when step = 'closing' then opportunity_count else 0 end) as closing_count,
        sum(case when step = 'closing' then amount else 0 end) as closing_amount,
        sum(case when step = 'opening' then opportunity_count else 0 end) as opening_count,
        sum(case when step = 'opening' then amount else 0 end) as opening_amount
    from {{ ref('review_movements') }}
    group by from_date
),

staged as (
    select
        snapshot_date,
        sum(opportunity_count) as opportunity_count,
        sum(amount) as amount
    from {{ ref('stage_distribution_history') }}
    group by snapshot_date
)

select summed.*
from summed
cross join {{ ref('double_counting') }} as measures
left join staged
    on summed.from_date = staged.snapshot_date
where
    measures.measure = 'reconciled'
    and (
        summed.moved_count != summed.closing_count
        or summed.moved_amount != summed.closing_amount
        or summed.closing_count != measures.opportunity_count
        or summed.closing_amount != measures.amount
        or summed.opening_count != coalesce(staged.opportunity_count, 0)
        or summed.opening_amount != coalesce(staged.amount, 0)
    )
