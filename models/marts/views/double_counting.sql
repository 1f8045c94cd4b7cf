-- One row per measure of what the four views add up to and what is there.
with

views as (
    select * from {{ ref('pipeline_views') }}
),

members as (
    select
        as_of_date as date_day,
        in_marketing,
        in_sales,
        in_expansion,
        in_forecast,
        in_reconciled,
        1 as opportunity_count,
        coalesce(amount, 0) as amount
    from views
),

counted as (
    {{ double_counting_parts('members') }}
),

measures as (
    {{ double_counting_measures() }}
),

typed as (
    select
        {{ as_of_date() }} as as_of_date,
        measures.measure,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from measures
    left join counted
        on measures.measure = counted.measure
)

select * from typed
