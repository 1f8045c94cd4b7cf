-- Pipeline is created once: at the first instant at which all required criteria hold, with the
-- amount of that instant at that day's rate.
with

qualifications as (
    select * from {{ ref('int_opportunity_qualifications__by_source') }}
    where valid_to is null
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

qualified as (
    select
        qualifications.opportunity_id,
        qualifications.qualified_at,
        qualifications.amount_at_qualification,
        qualifications.currency_at_qualification,
        qualifications.close_date_at_qualification,
        {{ converted('qualifications.amount_at_qualification', 'rates.conversion_rate') }}
            as created_amount
    from qualifications
    left join rates
        on {{ is_rate_of_day(
            'rates',
            'qualifications.currency_at_qualification',
            business_date('qualifications.qualified_at')
        ) }}
)

select * from qualified
