-- One row per fiscal quarter from the running one to the fifth after it: how much will close, and
-- when what is missing must be there.
{%- set is_gap_in_time = "status in ('not_due', 'on_course', 'behind')" %}
with

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

weighted as (
    select * from {{ ref('int_weighted_pipeline__by_quarter') }}
),

renewals as (
    select * from {{ ref('int_renewals__by_quarter') }}
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
        sum(due) as due,
        sum(behind_by) as behind_by,
        sum(case when status = 'too_late' then gap else 0 end) as gap_too_late,
        min(case when {{ is_gap_in_time }} then create_by end) as create_by,
        max(case when {{ is_gap_in_time }} then create_by end) as last_create_by
    from coverage
    group by fiscal_quarter, quarter_start_date, quarter_end_date
),

decided as (
    select
        *,
        {{ coverage_status(not_due='due = 0', too_late='gap_too_late = gap') }} as status
    from summed
),

answered as (
    select
        {{ as_of_date() }} as as_of_date,
        decided.fiscal_quarter,
        decided.quarter_start_date,
        decided.quarter_end_date,
        cast(decided.quota as {{ type_money() }}) as quota,
        cast(decided.won_amount as {{ type_money() }}) as won_amount,
        cast(coalesce(weighted.weighted_amount, 0) as {{ type_money() }}) as weighted_amount,
        cast(decided.won_amount + coalesce(weighted.weighted_amount, 0) as {{ type_money() }})
            as won_and_weighted_amount,
        cast(decided.remaining as {{ type_money() }}) as remaining,
        cast(decided.open_amount as {{ type_money() }}) as open_amount,
        cast(decided.required as {{ type_money() }}) as required,
        cast(decided.gap as {{ type_money() }}) as gap,
        cast(decided.due as {{ type_money() }}) as due,
        cast(decided.behind_by as {{ type_money() }}) as behind_by,
        cast(decided.gap_too_late as {{ type_money() }}) as gap_too_late,
        decided.create_by,
        decided.last_create_by,
        decided.status,
        coalesce(renewals.won_count, 0) as renewal_won_count,
        cast(coalesce(renewals.won_amount, 0) as {{ type_money() }}) as renewal_won_amount,
        coalesce(renewals.open_count, 0) as renewal_open_count,
        cast(coalesce(renewals.open_amount, 0) as {{ type_money() }}) as renewal_open_amount
    from decided
    left join weighted
        on decided.quarter_start_date = weighted.quarter_start_date
    left join renewals
        on decided.quarter_start_date = renewals.quarter_start_date
)

select * from answered
