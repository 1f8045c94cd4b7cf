-- A row means that the four views do not sum to their union plus what is counted twice.
with

measures as (
    select
        sum(case when measure in ('marketing', 'sales', 'expansion', 'forecast') then amount end)
            as views_amount,
        sum(case when measure = 'sum_of_views' then amount end) as summed_amount,
        sum(case when measure in ('union', 'double_counted') then amount end) as parts_amount,
        sum(
            case
                when measure in ('marketing', 'sales', 'expansion', 'forecast')
                    then opportunity_count
            end
        ) as views_count,
        sum(case when measure = 'sum_of_views' then opportunity_count end) as summed_count,
        sum(case when measure in ('union', 'double_counted') then opportunity_count end)
            as parts_count
    from {{ ref('double_counting') }}
)

select *
from measures
where
    views_amount != summed_amount
    or parts_amount != summed_amount
    or views_count != summed_count
    or parts_count != summed_count
