-- One row per pair of dates, scope and step on the way from opening to closing pipeline.
with

pairs as (
    select * from {{ ref('int_movement_periods__by_scope') }}
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
    {{ movement_steps() }}
),

moved as (
    select
        pairs.period_grain,
        pairs.from_date,
        pairs.to_date,
        pairs.scope,
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
