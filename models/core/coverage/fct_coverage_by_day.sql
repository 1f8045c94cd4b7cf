-- One row per day that coverage is computed for, segment, motion and fiscal quarter ahead.
with

days as (
    select * from {{ ref('int_coverage_days__as_of_and_eves') }}
),

rates as (
    select * from {{ ref('int_win_rates__smoothed') }}
),

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where is_won_money
),

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where {{ is_source_in_coverage('pipeline_source') }}
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
            <= {{ date_plus_months('days.quarter_start_date', 3 * var('quarters_ahead')) }}
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
        opportunities.segment,
        opportunities.motion,
        {{ fiscal_quarter_start('spells.close_date') }} as quarter_start_date,
        sum(
            coalesce({{ converted('spells.amount', 'exchange_rates.conversion_rate') }}, 0)
        ) as open_amount
    from days
    inner join spells
        on {{ held_at_end_of_day('spells', 'days.day_ended_at') }}
    inner join opportunities
        on spells.opportunity_id = opportunities.opportunity_id
    left join exchange_rates
        on {{ is_rate_of_day('exchange_rates', 'spells.currency', 'days.coverage_date') }}
    group by
        days.coverage_date,
        opportunities.segment,
        opportunities.motion,
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

-- greatest() ignores nulls, so what is left of no quota would be 0: it is unknown.
remaining_known as (
    select
        *,
        case when quota is not null then remaining_amount end as remaining
    from measured
),

needed as (
    select
        *,
        {{ coverage_of('open_amount', 'remaining') }} as coverage,
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
    from remaining_known
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
        coverage_date,
        segment,
        motion,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        closed_count,
        win_rate_raw,
        win_rate,
        median_cycle_days,
        p80_cycle_days,
        create_and_close_share,
        required_coverage,
        adjusted_coverage,
        quota,
        won_amount,
        remaining,
        open_amount,
        coverage,
        required,
        gap,
        create_by,
        weeks_left,
        cast(
            {{ rounded("cast(gap as " ~ type_double() ~ ") / greatest(weeks_left, 1)", 2) }}
            as {{ type_money() }}
        ) as weekly_creation_needed,
        {{ coverage_status(too_late='create_by < coverage_date') }} as status
    from gapped
)

select * from computed
