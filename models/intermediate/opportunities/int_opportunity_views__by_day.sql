-- Which of the four views each opportunity is in on each day, and whether it is in the one
-- reconciled pipeline. Nothing here rules one out for being in another view: that is the double
-- counting.
with

by_day as (
    select * from {{ ref('int_opportunities__by_day') }}
),

duplicates as (
    select * from {{ ref('int_opportunity_duplicates__by_day') }}
),

influenced as (
    select * from {{ ref('fct_influenced_opportunities') }}
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

flagged as (
    select
        by_day.date_day,
        by_day.opportunity_id,
        by_day.stage_group = 'open' and not by_day.is_excluded as is_in_scope,
        by_day.pipeline_source = 'marketing'
        or coalesce(influenced.influence_known_at < by_day.day_ended_at, false) as is_marketing,
        by_day.motion != 'renewal' and by_day.is_stage_met as is_sales,
        by_day.motion in ('expansion', 'renewal') as is_expansion,
        coalesce(
            {{ fiscal_quarter_start('by_day.close_date') }} = by_day.quarter_start_date, false
        ) as is_closing_in_quarter,
        by_day.is_late_stage,
        by_day.failing_criterion,
        coalesce(duplicates.is_original_open, false) as is_duplicate_of_open,
        {{ converted('by_day.deal_amount', 'rates.conversion_rate') }} as amount,
        by_day.probability
    from by_day
    left join duplicates
        on
            by_day.date_day = duplicates.date_day
            and by_day.opportunity_id = duplicates.opportunity_id
    left join influenced
        on by_day.opportunity_id = influenced.opportunity_id
    left join rates
        on {{ is_rate_of_day('rates', 'by_day.currency', 'by_day.date_day') }}
),

viewed as (
    select
        date_day,
        opportunity_id,
        is_in_scope,
        is_in_scope and is_marketing as is_in_marketing,
        is_in_scope and is_sales as is_in_sales,
        is_in_scope and is_expansion as is_in_expansion,
        is_in_scope and is_late_stage and is_closing_in_quarter as is_in_forecast,
        is_in_scope
        and failing_criterion is null
        and not is_duplicate_of_open as is_in_reconciled,
        is_closing_in_quarter,
        is_duplicate_of_open,
        case when is_duplicate_of_open then 'duplicate' else failing_criterion end
            as leaving_reason,
        amount,
        {{ weighted('amount', 'probability') }} as weighted_amount
    from flagged
)

select * from viewed
