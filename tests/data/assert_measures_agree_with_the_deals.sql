-- A row is a measure of the views that the deals, listed one by one, do not add up to: the measure
-- comes from the views of a day, the list from the verdicts.
with

deals as (
    select * from {{ ref('pipeline_views') }}
),

listed as (
    {%- for measure in ['marketing', 'sales', 'expansion', 'forecast', 'reconciled'] %}
    select
        '{{ measure }}' as measure,
        count(*) as opportunity_count,
        coalesce(sum(amount), 0) as amount
    from deals
    where in_{{ measure }}
    union all
    {%- endfor %}
    select
        'sum_of_views' as measure,
        coalesce(sum(view_count), 0) as opportunity_count,
        coalesce(sum(amount * view_count), 0) as amount
    from deals
)

select
    counted.measure,
    counted.opportunity_count,
    listed.opportunity_count as listed_count,
    counted.amount,
    listed.amount as listed_amount
from {{ ref('double_counting') }} as counted
inner join listed
    on counted.measure = listed.measure
where
    counted.opportunity_count != listed.opportunity_count
    or counted.amount != listed.amount
