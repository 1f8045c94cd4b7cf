-- One row per stage with deals in the reconciled pipeline: at as-of, or on the day that the joint
-- review looks back to.
with

history as (
    select * from {{ ref('stage_distribution_history') }}
),

stages as (
    select distinct
        canonical_stage,
        canonical_stage_order
    from {{ ref('dim_stages') }}
    where stage_group = 'open'
),

-- How often a row counts for as-of, and for the day of the last joint review.
dated as (
    select
        stage,
        stage_order,
        opportunity_count,
        amount,
        case when days_back = 0 then 1 else 0 end as is_now,
        case when days_back = 0 then 0 else 1 end as is_before
    from history
    where days_back in (0, {{ review_lookback() }})
),

staged as (
    select
        stage,
        min(stage_order) as stage_order,
        sum(opportunity_count * is_now) as opportunity_count,
        sum(amount * is_now) as amount,
        sum(opportunity_count * is_before) as previous_opportunity_count,
        sum(amount * is_before) as previous_amount
    from dated
    group by stage
),

totals as (
    select
        cast(sum(opportunity_count) as {{ type_double() }}) as opportunity_count,
        cast(sum(amount) as {{ type_double() }}) as amount,
        cast(sum(previous_opportunity_count) as {{ type_double() }}) as previous_opportunity_count,
        cast(sum(previous_amount) as {{ type_double() }}) as previous_amount
    from staged
),

shared as (
    select
        {{ as_of_date() }} as as_of_date,
        staged.stage,
        -- A stage of two names in the seed has the order of the first.
        coalesce(stages.canonical_stage_order, staged.stage_order) as stage_order,
        cast(staged.opportunity_count as bigint) as opportunity_count,
        cast(staged.amount as {{ type_money() }}) as amount,
        staged.opportunity_count / nullif(totals.opportunity_count, 0) as share_of_count,
        cast(staged.amount as {{ type_double() }}) / nullif(totals.amount, 0) as share_of_amount,
        {{ date_plus_days(as_of_date(), -1 * review_lookback()) }} as previous_date,
        cast(staged.previous_opportunity_count as bigint) as previous_opportunity_count,
        cast(staged.previous_amount as {{ type_money() }}) as previous_amount,
        staged.previous_opportunity_count / nullif(totals.previous_opportunity_count, 0)
            as previous_share_of_count,
        cast(staged.previous_amount as {{ type_double() }}) / nullif(totals.previous_amount, 0)
            as previous_share_of_amount
    from staged
    cross join totals
    left join stages
        on staged.stage = stages.canonical_stage
)

select * from shared
