-- One row per fiscal quarter from the running one to the fifth after it: how much will close, and
-- when what is missing must be there.
with

coverage as (
    select * from {{ ref('fct_coverage') }}
),

plan as (
    select * from {{ ref('fct_plan') }}
),

summed as (
    select
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        sum(quota) as quota,
        sum(won_amount) as won_amount,
        sum(remaining) as remaining,
        sum(open_amount) as open_amount,
        sum(required) as required,
        sum(gap) as gap,
        sum(case when status = 'too_late' then gap else 0 end) as gap_too_late,
        min(case when status = 'behind' then create_by end) as create_by,
        max(case when status = 'behind' then create_by end) as last_create_by
    from coverage
    group by fiscal_quarter, quarter_start_date, quarter_end_date
),

answered as (
    select
        {{ as_of_date() }} as as_of_date,
        summed.fiscal_quarter,
        summed.quarter_start_date,
        summed.quarter_end_date,
        cast(summed.quota as {{ type_money() }}) as quota,
        cast(summed.won_amount as {{ type_money() }}) as won_amount,
        plan.forecast_amount,
        cast(summed.won_amount + plan.forecast_amount as {{ type_money() }}) as expected_amount,
        cast(summed.open_amount as {{ type_money() }}) as open_amount,
        cast(summed.required as {{ type_money() }}) as required,
        cast(summed.gap as {{ type_money() }}) as gap,
        cast(summed.gap_too_late as {{ type_money() }}) as gap_too_late,
        summed.create_by,
        summed.last_create_by,
        case
            when summed.quota is null then 'no_quota'
            when summed.remaining = 0 then 'met'
            when summed.gap = 0 then 'covered'
            when summed.gap_too_late = summed.gap then 'too_late'
            else 'behind'
        end as status
    from summed
    inner join plan
        on summed.fiscal_quarter = plan.fiscal_quarter
)

select * from answered
