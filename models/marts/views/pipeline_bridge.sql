-- One row per view and step on the way from the view's total to the reconciled pipeline.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

members as (
    select
        {{ as_of_date() }} as date_day,
        is_in_marketing as in_marketing,
        is_in_sales as in_sales,
        is_in_expansion as in_expansion,
        is_in_forecast as in_forecast,
        is_in_reconciled as in_reconciled,
        is_closing_in_quarter,
        case when is_duplicate_of_open then 'duplicate' else failing_criterion end
            as leaving_reason,
        1 as opportunity_count,
        coalesce(amount, 0) as amount,
        coalesce(weighted_amount, 0) as weighted_amount
    from opportunities
),

counted as (
    {{ bridge_parts('members') }}
),

-- Steps of nothing are listed too, so that every bridge has the same shape every week.
steps as (
    {{ bridge_steps() }}
),

bridged as (
    select
        {{ as_of_date() }} as as_of_date,
        steps.view,
        steps.step_order,
        steps.step,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from steps
    left join counted
        on steps.view = counted.view and steps.step = counted.step
)

select * from bridged
