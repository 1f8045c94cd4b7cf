{{ config(materialized="view") }}
-- Sources that are behind their creation target at as-of by the threshold or more, and have no
-- action that is a recovery plan.
with

without_plan as (
    select * from {{ ref('fct_creation_weeks') }}
    where
        dimension = 'pipeline_source'
        and week_start = {{ week_start(as_of_date()) }}
        and needs_recovery_plan
        and recovery_action_id is null
),

found as (
    select
        'pipeline_source' as record_type,
        dimension_value as record_id,
        'no_recovery_plan' as rule,
        'behind by '
        || cast(
            cast({{ rounded('behind_pct * 100', 0) }} as integer) as {{ dbt.type_string() }}
        )
        || ' percent of its target to date, and no action is a recovery plan' as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from without_plan
)

select * from found
