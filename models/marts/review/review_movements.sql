-- One row per day that a review may look back to and step on the way from the reconciled pipeline
-- then to that of as-of.
with

dates as (
    select * from {{ ref('dim_dates') }}
),

pairs as (
    select
        {{ days_between('date_day', as_of_date()) }} as pair_id,
        date_day as from_date,
        {{ as_of_date() }} as to_date,
        'all' as scope,
        cast(null as date) as scope_start_date,
        cast(null as date) as scope_end_date
    from dates
    where
        false
        {%- for days in var('review_lookback_days') %}
        or date_day = {{ date_plus_days(as_of_date(), -days) }}
        {%- endfor %}
),

parts as (
    {{ movements_between(
        'pairs',
        ref('fct_pipeline_spells'),
        ref('fct_opportunity_states'),
        ref('fct_exclusion_spells'),
        ref('fct_opportunities'),
        ref('dim_exchange_rates'),
    ) }}
),

steps as (
    {{ movement_steps(within_quarter=false) }}
),

moved as (
    select
        pairs.from_date,
        pairs.to_date,
        cast(pairs.pair_id as integer) as days_back,
        steps.step_order,
        steps.step,
        {{ step_label('steps.step_order', 'steps.step') }} as step_label,
        {{ is_total_step('steps.step') }} as is_total,
        cast(coalesce(parts.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(parts.amount, 0) as {{ type_money() }}) as amount
    from pairs
    cross join steps
    left join parts
        on pairs.pair_id = parts.pair_id and steps.step = parts.step
)

select * from moved
