-- One row per currency and stretch of days in which a rate is in force.
with

static_rates as (
    select * from {{ ref('crm_exchange_rates') }}
    where start_date is null
),

dated_rates as (
    select * from {{ ref('crm_exchange_rates') }}
    where start_date is not null
),

-- Of two rates that start on the same day, the one entered first holds.
ranked as (
    select
        *,
        row_number() over (
            partition by currency, start_date
            order by exchange_rate_id
        ) as rate_rank
    from dated_rates
),

followed as (
    select
        *,
        lead(start_date) over (partition by currency order by start_date) as following_start_date
    from ranked
    where rate_rank = 1
),

sequenced as (
    select
        currency,
        conversion_rate,
        start_date as valid_from_date,
        {{ least_known('next_start_date', 'following_start_date') }} as valid_to_date
    from followed
),

corporate as (
    select
        '{{ var("corporate_currency") }}' as currency,
        cast(1 as decimal(38, 10)) as conversion_rate,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date
),

static_only as (
    select
        currency,
        conversion_rate,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date
    from static_rates
    where not exists (
        select 1
        from dated_rates
        where static_rates.currency = dated_rates.currency
    )
),

unioned as (
    select * from corporate
    union all
    select * from static_only
    where currency != '{{ var("corporate_currency") }}'
    union all
    select * from sequenced
    where currency != '{{ var("corporate_currency") }}'
),

-- Open ends become far ones, so that a look-up is one comparison on either side. A rate of
-- zero is no rate: its amounts stay null and are found as missing_exchange_rate.
bounded as (
    select
        currency,
        conversion_rate,
        coalesce(valid_from_date, cast('0001-01-01' as date)) as valid_from_date,
        coalesce(valid_to_date, cast('9999-12-31' as date)) as valid_to_date
    from unioned
    where conversion_rate > 0
),

-- A rate that begins after as-of is not known yet.
known as (
    select * from bounded
    where valid_from_date <= {{ as_of_date() }}
)

select * from known
