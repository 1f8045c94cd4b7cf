-- Weighted pipeline at as-of per fiscal quarter of the close date: reconciled pipeline, no
-- renewals, times the CRM's probability, to the cent per deal.
with

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
    where valid_to is null
),

sold_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where motion != 'renewal'
),

exchange_rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

weighted as (
    select
        {{ fiscal_quarter_start('spells.close_date') }} as quarter_start_date,
        sum(
            {{ weighted(
                converted('spells.amount', 'exchange_rates.conversion_rate'), 'spells.probability'
            ) }}
        ) as weighted_amount
    from spells
    inner join sold_opportunities
        on spells.opportunity_id = sold_opportunities.opportunity_id
    left join exchange_rates
        on {{ is_rate_of_day('exchange_rates', 'spells.currency', as_of_date()) }}
    group by {{ fiscal_quarter_start('spells.close_date') }}
)

select * from weighted
