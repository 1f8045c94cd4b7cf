-- Every visit of a deal to a stage. Consecutive states in one stage are one visit.
with

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

compared as (
    select
        *,
        lag(stage) over (partition by opportunity_id order by valid_from) as previous_stage,
        row_number() over (partition by opportunity_id order by valid_from) as state_number
    from states
),

entries as (
    select
        opportunity_id,
        stage,
        stage_order,
        stage_group,
        valid_from as entered_at
    from compared
    where state_number = 1 or stage is distinct from previous_stage
),

visits as (
    select
        *,
        lead(entered_at) over (partition by opportunity_id order by entered_at) as left_at,
        row_number() over (
            partition by opportunity_id, stage
            order by entered_at
        ) as visit_number,
        lag(stage_order) over (partition by opportunity_id order by entered_at)
            as previous_stage_order,
        lag(stage_group) over (partition by opportunity_id order by entered_at)
            as previous_stage_group
    from entries
),

visits_with_regression as (
    select
        opportunity_id,
        stage,
        stage_order,
        stage_group,
        entered_at,
        left_at,
        visit_number,
        coalesce(
            stage_group = 'open'
            and previous_stage_group = 'open'
            and stage_order < previous_stage_order,
            false
        ) as is_regression
    from visits
)

select * from visits_with_regression
