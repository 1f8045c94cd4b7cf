-- Every visit of a deal to a stage. Consecutive states in one stage are one visit.
with

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

opportunities as (
    select * from {{ ref('dim_opportunities') }}
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
        valid_from as entered_at,
        is_imputed
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
        visits.opportunity_id,
        visits.stage,
        visits.stage_order,
        visits.stage_group,
        visits.entered_at,
        visits.left_at,
        visits.visit_number,
        coalesce(
            visits.stage_group = 'open'
            and visits.previous_stage_group = 'open'
            and visits.stage_order < visits.previous_stage_order,
            false
        ) as is_regression,
        visits.is_imputed and not opportunities.has_history as is_without_record
    from visits
    inner join opportunities
        on visits.opportunity_id = opportunities.opportunity_id
)

select * from visits_with_regression
