-- One row per open opportunity that is not excluded, with the views it is in.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where stage_group = 'open' and not is_excluded
),

counted as (
    select
        {{ as_of_date() }} as as_of_date,
        opportunity_id,
        is_in_marketing as in_marketing,
        is_in_sales as in_sales,
        is_in_expansion as in_expansion,
        is_in_forecast as in_forecast,
        is_in_reconciled as in_reconciled,
        cast(is_in_marketing as integer)
        + cast(is_in_sales as integer)
        + cast(is_in_expansion as integer)
        + cast(is_in_forecast as integer) as view_count,
        amount,
        failing_criterion,
        is_duplicate_of_open as is_duplicate
    from opportunities
)

select * from counted
