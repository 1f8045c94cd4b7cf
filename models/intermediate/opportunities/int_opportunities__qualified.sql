-- Pipeline is created once: at the first instant at which all required criteria hold, with the
-- amount of that instant at that day's rate.
with

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where failing_criterion is null
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id
            order by valid_from
        ) as spell_rank
    from spells
),

qualified as (
    select
        ranked.opportunity_id,
        ranked.valid_from as qualified_at,
        ranked.amount as amount_at_qualification,
        ranked.currency as currency_at_qualification,
        {{ converted('ranked.amount', 'rates.conversion_rate') }} as created_amount
    from ranked
    left join rates
        on
            ranked.currency = rates.currency
            and {{ business_date('ranked.valid_from') }} >= rates.valid_from_date
            and {{ business_date('ranked.valid_from') }} < rates.valid_to_date
    where ranked.spell_rank = 1
)

select * from qualified
