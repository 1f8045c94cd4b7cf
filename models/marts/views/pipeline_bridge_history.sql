-- One row per past day, view and step on the way from the view's total to the reconciled pipeline.
with

members as (
    select * from {{ ref('fct_view_history') }}
),

days as (
    select * from {{ ref('dim_history_days') }}
),

counted as (
    {{ bridge_parts('members') }}
),

steps as (
    {{ bridge_steps() }}
),

bridged as (
    select
        days.date_day as as_of_date,
        steps.view,
        steps.step_order,
        steps.step,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from days
    cross join steps
    left join counted
        on
            days.date_day = counted.date_day
            and steps.view = counted.view
            and steps.step = counted.step
)

select * from bridged
