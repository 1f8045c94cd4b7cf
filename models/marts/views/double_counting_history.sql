-- One row per past day and measure of what the four views added up to and what was there.
with

members as (
    select * from {{ ref('fct_view_history') }}
),

days as (
    select * from {{ ref('dim_history_days') }}
),

counted as (
    {{ double_counting_parts('members') }}
),

measures as (
    {{ double_counting_measures() }}
),

typed as (
    select
        days.date_day as as_of_date,
        measures.measure,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from days
    cross join measures
    left join counted
        on days.date_day = counted.date_day and measures.measure = counted.measure
)

select * from typed
