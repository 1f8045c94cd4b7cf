-- When each deal entered each stage that it reached: on its first visit. A stage that it skipped it
-- entered together with the next one that it did visit.
with

visits as (
    select * from {{ ref('int_opportunity_stages__visits') }}
),

stages as (
    select distinct
        canonical_stage,
        stage_order
    from {{ ref('dim_stages') }}
    where stage_group = 'open'
),

first_visits as (
    select
        opportunity_id,
        stage,
        stage_order,
        stage_group,
        entered_at
    from visits
    where visit_number = 1
),

reached as (
    select
        opportunity_id,
        max(stage_order) as highest_stage_order
    from first_visits
    where stage_group in ('open', 'won')
    group by opportunity_id
),

skipped as (
    select
        reached.opportunity_id,
        stages.canonical_stage as stage,
        stages.stage_order,
        'open' as stage_group,
        min(later.stage_order) as next_stage_order
    from reached
    inner join stages
        on reached.highest_stage_order > stages.stage_order
    inner join first_visits as later
        on
            reached.opportunity_id = later.opportunity_id
            and stages.stage_order < later.stage_order
            and later.stage_group in ('open', 'won')
    where
        not exists (
            select 1
            from first_visits
            where
                reached.opportunity_id = first_visits.opportunity_id
                and stages.canonical_stage = first_visits.stage
        )
    group by reached.opportunity_id, stages.canonical_stage, stages.stage_order
),

skipped_dated as (
    select
        skipped.opportunity_id,
        skipped.stage,
        skipped.stage_order,
        skipped.stage_group,
        min(first_visits.entered_at) as entered_at
    from skipped
    inner join first_visits
        on
            skipped.opportunity_id = first_visits.opportunity_id
            and skipped.next_stage_order = first_visits.stage_order
            and first_visits.stage_group in ('open', 'won')
    group by
        skipped.opportunity_id, skipped.stage, skipped.stage_order, skipped.stage_group
),

entries as (
    select
        opportunity_id,
        stage,
        stage_order,
        stage_group,
        entered_at,
        false as is_skipped
    from first_visits
    union all
    select
        opportunity_id,
        stage,
        stage_order,
        stage_group,
        entered_at,
        true as is_skipped
    from skipped_dated
)

select * from entries
