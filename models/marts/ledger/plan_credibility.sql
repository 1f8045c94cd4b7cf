-- One row per fiscal quarter from the running one to the fifth after it: whether the plan can hold.
with

plan as (
    select * from {{ ref('fct_plan') }}
),

-- Each part that breaks is written with a comma before it; the first comma is cut off.
judged as (
    select
        {{ as_of_date() }} as as_of_date,
        fiscal_quarter,
        capacity_amount,
        creation_required_amount,
        created_amount,
        quota,
        won_amount,
        forecast_amount,
        is_capacity_enough,
        is_creation_on_pace,
        is_forecast_enough,
        is_capacity_enough and is_forecast_enough as is_credible,
        case when is_capacity_enough and is_forecast_enough then 'credible' else 'breaks' end
            as status,
        substring(
            case when is_capacity_enough then '' else ',capacity' end
            || case when is_creation_on_pace then '' else ',creation' end
            || case when is_forecast_enough then '' else ',forecast' end,
            2
        ) as breaks
    from plan
)

select * from judged
