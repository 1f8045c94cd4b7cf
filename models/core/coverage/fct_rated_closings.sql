-- One row per closed opportunity that win rates and cycles are taken over at as-of.
with

closings as (
    select * from {{ ref('int_closings__counted') }}
    where coverage_date = {{ as_of_date() }} and is_in_rates
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

rated as (
    select
        closings.opportunity_id,
        closings.segment,
        closings.motion,
        sources.pipeline_source,
        closings.stage_group,
        closings.close_day,
        closings.amount,
        closings.cycle_days
    from closings
    inner join sources
        on closings.opportunity_id = sources.opportunity_id
)

select * from rated
