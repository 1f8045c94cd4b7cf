-- Coverage of each segment, motion and fiscal quarter ahead, as of each coverage day.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
),

rates as (
    select * from {{ ref('int_win_rates__smoothed') }}
),

closings as (
    select * from {{ ref('int_closings__counted') }}
    where is_won_money
),

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
),

classified as (
    select * from {{ ref('int_opportunities__classified') }}
    where is_source_counted
),

exchange_rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

quotas as (
    select * from {{ ref('quotas') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

-- The quarter that is running, and the next five.
quarters as (
    select
        days.coverage_date,
        dates.fiscal_quarter,
        dates.quarter_start_date,
        dates.quarter_end_date
    from days
    inner join dates
        on
            days.quarter_start_date <= dates.quarter_start_date
            and dates.quarter_start_date
            <= {{ date_plus_months('days.quarter_start_date', 15) }}
),

won as (
    select
        coverage_date,
        segment,
        motion,
        {{ fiscal_quarter_start('close_day') }} as quarter_start_date,
        sum(coalesce(amount, 0)) as won_amount
    from closings
    group by coverage_date, segment, motion, {{ fiscal_quarter_start('close_day') }}
),

open_pipeline as (
    select
        days.coverage_date,
        classified.segment,
        classified.motion,
        {{ fiscal_quarter_start('spells.close_date') }} as quarter_start_date,
        sum(
            coalesce({{ converted('spells.amount', 'exchange_rates.conversion_rate') }}, 0)
        ) as open_amount
    from days
    inner join spells
        on
            days.day_ended_at > spells.valid_from
            and (days.day_ended_at <= spells.valid_to or spells.valid_to is null)
    inner join classified
        on spells.opportunity_id = classified.opportunity_id
    left join exchange_rates
        on
            spells.currency = exchange_rates.currency
            and days.coverage_date >= exchange_rates.valid_from_date
            and days.coverage_date < exchange_rates.valid_to_date
    group by
        days.coverage_date,
        classified.segment,
        classified.motion,
        {{ fiscal_quarter_start('spells.close_date') }}
),

measured as (
    select
        rates.*,
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        quotas.quota,
        cast(coalesce(won.won_amount, 0) as {{ type_money() }}) as won_amount,
        cast(coalesce(open_pipeline.open_amount, 0) as {{ type_money() }}) as open_amount,
        cast(greatest(quotas.quota - coalesce(won.won_amount, 0), 0) as {{ type_money() }})
            as remaining_amount
    from rates
    inner join quarters
        on rates.coverage_date = quarters.coverage_date
    left join quotas
        on
            quarters.fiscal_quarter = quotas.fiscal_quarter
            and rates.segment = trim(quotas.segment)
            and rates.motion = quotas.motion
    left join won
        on
            rates.coverage_date = won.coverage_date
            and rates.segment = won.segment
            and rates.motion = won.motion
            and quarters.quarter_start_date = won.quarter_start_date
    left join open_pipeline
        on
            rates.coverage_date = open_pipeline.coverage_date
            and rates.segment = open_pipeline.segment
            and rates.motion = open_pipeline.motion
            and quarters.quarter_start_date = open_pipeline.quarter_start_date
),

-- greatest() passes over nulls, so that what is left of no quota would be 0: it is unknown.
remaining as (
    select
        *,
        case when quota is not null then remaining_amount end as remaining
    from measured
),

needed as (
    select
        *,
        cast(open_amount as {{ type_double() }})
        / nullif(cast(remaining as {{ type_double() }}), 0) as coverage,
        cast(
            {{ rounded("cast(remaining as " ~ type_double() ~ ") * required_coverage", 2) }}
            as {{ type_money() }}
        ) as required,
        coalesce(
            {{ date_plus_days(
                'quarter_end_date', '-1 * cast(ceil(' ~ rounded('median_cycle_days', 6) ~ ') as integer)'
            ) }},
            quarter_end_date
        ) as create_by
    from remaining
),

gapped as (
    select
        *,
        case
            when required is not null
                then cast(greatest(required - open_amount, 0) as {{ type_money() }})
        end as gap,
        greatest(
            cast(
                floor(
                    {{ days_between('coverage_date', 'create_by') }}
                    / cast(7 as {{ type_double() }})
                ) as integer
            ),
            0
        ) as weeks_left
    from needed
),

computed as (
    select
        *,
        cast(
            {{ rounded("cast(gap as " ~ type_double() ~ ") / greatest(weeks_left, 1)", 2) }}
            as {{ type_money() }}
        ) as weekly_creation_needed,
        case
            when quota is null then 'no_quota'
            when remaining = 0 then 'met'
            when gap = 0 then 'covered'
            when create_by < coverage_date then 'too_late'
            else 'behind'
        end as status
    from gapped
)

select * from computed
