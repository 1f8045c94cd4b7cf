{{ config(materialized="view") }}
-- Sources that are behind their creation target and have no open action.
with

unplanned_sources as (
    select * from {{ ref('int_sources__without_recovery_plan') }}
),

found as (
    select
        'pipeline_source' as record_type,
        pipeline_source as record_id,
        'no_recovery_plan' as rule,
        'behind by ' || cast(cast({{ rounded('behind_pct * 100', 0) }} as integer) as {{ dbt.type_string() }})
        || ' percent of its target to date, and no action is open' as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from unplanned_sources
)

select * from found
