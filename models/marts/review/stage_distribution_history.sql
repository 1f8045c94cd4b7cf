-- One row per day looked at (as-of and the days before it that a review may look back to) and stage
-- that the reconciled pipeline then had deals in.
with

dates as (
    select * from {{ ref('dim_dates') }}
),

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

days as (
    select
        date_day,
        {{ days_between('date_day', as_of_date()) }} as days_back
    from dates
    where
        date_day = {{ as_of_date() }}
        {%- for days in var('review_lookback_days') %}
        or date_day = {{ date_plus_days(as_of_date(), -days) }}
        {%- endfor %}
),

distributed as (
    select
        {{ as_of_date() }} as as_of_date,
        days.date_day as snapshot_date,
        cast(days.days_back as integer) as days_back,
        spells.stage,
        spells.stage_order,
        count(*) as opportunity_count,
        cast(
            sum(coalesce({{ converted('spells.amount', 'rates.conversion_rate') }}, 0))
            as {{ type_money() }}
        ) as amount
    from days
    inner join spells
        on {{ held_at_end_of_day('spells', day_end('days.date_day')) }}
    left join rates
        on {{ is_rate_of_day('rates', 'spells.currency', 'days.date_day') }}
    group by days.date_day, days.days_back, spells.stage, spells.stage_order
),

shared as (
    select
        *,
        cast(amount as {{ type_double() }})
        / nullif(
            cast(sum(amount) over (partition by snapshot_date) as {{ type_double() }}), 0
        ) as share_of_amount
    from distributed
)

select * from shared
