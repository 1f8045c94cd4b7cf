-- One row per past day and kind of open deal: those in the same views, out of them for the same
-- reason, counted together as a run as of that day counted them.
with

recalled as (
    select * from {{ ref('int_opportunities__recalled') }}
),

duplicates as (
    select * from {{ ref('int_opportunity_duplicates__recalled') }}
),

influenced as (
    select * from {{ ref('int_opportunities__influenced') }}
),

spells as (
    select * from {{ ref('fct_opportunity_states') }}
    where stage_group = 'open'
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

-- What competes with a deal that is itself open.
duplicates_of_open as (
    select distinct
        recalled.date_day,
        recalled.opportunity_id
    from recalled
    inner join duplicates
        on
            recalled.date_day = duplicates.date_day
            and recalled.opportunity_id = duplicates.opportunity_id
    inner join spells
        on
            duplicates.original_opportunity_id = spells.opportunity_id
            and recalled.day_ended_at > spells.valid_from
            and (recalled.day_ended_at <= spells.valid_to or spells.valid_to is null)
),

flagged as (
    select
        recalled.date_day,
        recalled.pipeline_source = 'marketing'
        or coalesce(influenced.influence_known_at < recalled.day_ended_at, false) as in_marketing,
        recalled.motion != 'renewal' and recalled.is_stage_met as in_sales,
        recalled.motion in ('expansion', 'renewal') as in_expansion,
        recalled.is_late_stage,
        coalesce(
            {{ fiscal_quarter_start('recalled.close_date') }} = recalled.quarter_start_date, false
        ) as is_closing_in_quarter,
        recalled.failing_criterion,
        duplicates_of_open.opportunity_id is not null as is_duplicate_of_open,
        {{ converted('recalled.deal_amount', 'rates.conversion_rate') }} as amount,
        recalled.probability
    from recalled
    left join duplicates_of_open
        on
            recalled.date_day = duplicates_of_open.date_day
            and recalled.opportunity_id = duplicates_of_open.opportunity_id
    left join influenced
        on recalled.opportunity_id = influenced.opportunity_id
    left join rates
        on
            recalled.currency = rates.currency
            and recalled.date_day >= rates.valid_from_date
            and recalled.date_day < rates.valid_to_date
    where recalled.stage_group = 'open'
),

viewed as (
    select
        date_day,
        in_marketing,
        in_sales,
        in_expansion,
        is_late_stage and is_closing_in_quarter as in_forecast,
        failing_criterion is null and not is_duplicate_of_open as in_reconciled,
        is_closing_in_quarter,
        case when is_duplicate_of_open then 'duplicate' else failing_criterion end
            as leaving_reason,
        coalesce(amount, 0) as amount,
        coalesce({{ money('amount * probability') }}, 0) as weighted_amount
    from flagged
),

counted as (
    select
        date_day,
        in_marketing,
        in_sales,
        in_expansion,
        in_forecast,
        in_reconciled,
        is_closing_in_quarter,
        leaving_reason,
        cast(count(*) as bigint) as opportunity_count,
        cast(sum(amount) as {{ type_money() }}) as amount,
        cast(sum(weighted_amount) as {{ type_money() }}) as weighted_amount
    from viewed
    group by
        date_day,
        in_marketing,
        in_sales,
        in_expansion,
        in_forecast,
        in_reconciled,
        is_closing_in_quarter,
        leaving_reason
)

select * from counted
