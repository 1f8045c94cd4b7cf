-- One row per fiscal quarter of the close day, outcome, reason, motion, source and segment.
with

opportunities as (
    select
        motion,
        pipeline_source,
        segment,
        outcome_stage_group as outcome,
        outcome_amount,
        coalesce(outcome_reason, 'not_given') as reason,
        {{ fiscal_quarter_start('outcome_close_day') }} as quarter_start_date
    from {{ ref('fct_opportunities') }}
    where outcome_stage_group != 'open' and verdict not in ('excluded', 'duplicate')
),

counted as (
    select
        quarter_start_date,
        outcome,
        reason,
        motion,
        pipeline_source,
        segment,
        cast(count(*) as bigint) as opportunity_count,
        cast(coalesce(sum(outcome_amount), 0) as {{ type_money() }}) as amount
    from opportunities
    group by quarter_start_date, outcome, reason, motion, pipeline_source, segment
),

named as (
    select
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        outcome,
        reason,
        motion,
        pipeline_source,
        segment,
        opportunity_count,
        amount
    from counted
)

select * from named
