{{ config(materialized="view") }}
-- Sources that are behind their creation target at as-of by the threshold or more, and have no open
-- action to recover.
with

creation_weeks as (
    select * from {{ ref('fct_creation_weeks') }}
    where
        dimension = 'pipeline_source'
        and week_start = {{ week_start(as_of_date()) }}
        -- Rounded: behind is 1 - pace, and 1 - 0.9 is a little less than 0.1 as a float.
        and {{ rounded('behind_pct', 9) }} >= {{ var('behind_threshold') }}
),

source_owners as (
    select * from {{ ref('source_owners') }}
),

review_actions as (
    select * from {{ ref('review_actions') }}
    where
        opened_on <= {{ as_of_date() }}
        and (closed_on is null or closed_on > {{ as_of_date() }})
),

without_plan as (
    select
        creation_weeks.dimension_value as pipeline_source,
        creation_weeks.behind_pct
    from creation_weeks
    left join source_owners
        on creation_weeks.dimension_value = source_owners.pipeline_source
    where not exists (
        select 1
        from review_actions
        where
            {{ match_key('review_actions.team') }} = creation_weeks.dimension_value
            -- An action that was taken from a proposal has a masked owner where names are masked.
            or {{ mask_of('review_actions.owner') }} = {{ mask_of('source_owners.owner') }}
    )
),

found as (
    select
        'pipeline_source' as record_type,
        pipeline_source as record_id,
        'no_recovery_plan' as rule,
        'behind by '
        || cast(
            cast({{ rounded('behind_pct * 100', 0) }} as integer) as {{ dbt.type_string() }}
        )
        || ' percent of its target to date, and no action is open' as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from without_plan
)

select * from found
