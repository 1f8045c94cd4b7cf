-- One row per stretch of an opportunity in which it was won or lost.
with

states as (
    select
        *,
        sum(case when stage_group = 'open' then 1 else 0 end) over (
            partition by opportunity_id
            order by valid_from
            rows between unbounded preceding and current row
        ) as open_states_before
    from {{ ref('fct_opportunity_states') }}
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

runs as (
    select
        *,
        min(valid_from) over (
            partition by opportunity_id, open_states_before
        ) as closed_at
    from states
    where stage_group != 'open'
),

dated as (
    select
        *,
        {{ business_date('closed_at') }} as closed_date
    from runs
),

close_days as (
    select
        *,
        case
            when
                stage_group = 'won'
                and close_date <= closed_date
                and close_date >= {{ date_plus_days(
                    'closed_date', -1 * var('close_day_tolerance_days')
                ) }}
                then close_date
            else closed_date
        end as close_day
    from dated
),

converted as (
    select
        close_days.opportunity_id,
        close_days.valid_from,
        close_days.valid_to,
        {{ business_date('close_days.valid_from') }} as valid_from_date,
        {{ business_date('close_days.valid_to') }} as valid_to_date,
        close_days.stage_group,
        close_days.closed_at,
        close_days.close_day,
        {{ converted('close_days.amount', 'rates.conversion_rate') }} as amount
    from close_days
    left join rates
        on {{ is_rate_of_day('rates', 'close_days.currency', 'close_days.close_day') }}
)

select * from converted
