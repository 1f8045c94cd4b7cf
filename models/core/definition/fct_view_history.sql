-- One row per past day and kind of open deal: those in the same views, out of them for the same
-- reason, counted together as a run as of that day counted them.
with

views as (
    select * from {{ ref('int_opportunity_views__by_day') }}
    where is_in_scope
),

counted as (
    select
        date_day,
        is_in_marketing as in_marketing,
        is_in_sales as in_sales,
        is_in_expansion as in_expansion,
        is_in_forecast as in_forecast,
        is_in_reconciled as in_reconciled,
        is_closing_in_quarter,
        leaving_reason,
        cast(count(*) as bigint) as opportunity_count,
        cast(coalesce(sum(amount), 0) as {{ type_money() }}) as amount,
        cast(coalesce(sum(weighted_amount), 0) as {{ type_money() }}) as weighted_amount
    from views
    group by
        date_day,
        is_in_marketing,
        is_in_sales,
        is_in_expansion,
        is_in_forecast,
        is_in_reconciled,
        is_closing_in_quarter,
        leaving_reason
)

select * from counted
