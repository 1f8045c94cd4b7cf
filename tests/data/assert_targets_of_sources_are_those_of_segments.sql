-- A row is a week in which sources and segments together created another amount, or a fiscal
-- quarter with shares in which their targets add up to another one: what is unknown of a segment is
-- unknown of every source.
with

created as (
    select
        week_start,
        sum(case when dimension = 'pipeline_source' then created_amount else 0 end)
            as created_of_sources,
        sum(case when dimension = 'segment' then created_amount else 0 end) as created_of_segments
    from {{ ref('fct_creation_weeks') }}
    group by week_start
),

source_targets as (
    select
        fiscal_quarter,
        case when count(target_amount) = count(*) then sum(target_amount) end as target_amount
    from {{ ref('fct_source_targets') }}
    where has_target
    group by fiscal_quarter
),

segment_targets as (
    select
        fiscal_quarter,
        case when count(target_amount) = count(*) then sum(target_amount) end as target_amount
    from {{ ref('fct_creation_targets') }}
    group by fiscal_quarter
),

differing as (
    select
        cast(week_start as {{ dbt.type_string() }}) as period,
        created_of_sources as of_sources,
        created_of_segments as of_segments
    from created
    where created_of_sources != created_of_segments
    union all
    select
        source_targets.fiscal_quarter as period,
        source_targets.target_amount as of_sources,
        segment_targets.target_amount as of_segments
    from source_targets
    left join segment_targets
        on source_targets.fiscal_quarter = segment_targets.fiscal_quarter
    where source_targets.target_amount is distinct from segment_targets.target_amount
)

select * from differing
