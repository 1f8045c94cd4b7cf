-- One row per week and source, segment or owner: net-new pipeline created against its target.
with

net_new as (
    select * from {{ ref('int_net_new__by_week') }}
),

targets as (
    select * from {{ ref('int_creation_targets__by_week') }}
),

source_owners as (
    select * from {{ ref('dim_source_owners') }}
),

actions as (
    select * from {{ ref('fct_review_actions') }}
    where not is_removed
),

dates as (
    select * from {{ ref('dim_dates') }}
),

begun_weeks as (
    select
        week_start,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        least({{ date_plus_days('week_start', 6) }}, {{ as_of_date() }}) as last_day
    from dates
    where date_day = week_start and week_start <= {{ as_of_date() }}
),

beginnings as (
    select
        dimension,
        dimension_value,
        week_start,
        true as is_in_quarter
    from net_new
    union all
    select
        dimension,
        dimension_value,
        week_start,
        quarter_target is not null as is_in_quarter
    from targets
),

-- From the first week with a target or a net-new deal to the week that as-of lies in.
first_week as (
    select min(week_start) as week_start
    from beginnings
    where dimension in ('pipeline_source', 'segment')
),

members as (
    select distinct
        dimension,
        dimension_value
    from beginnings
    where dimension in ('pipeline_source', 'segment')
),

-- Owners come and go: one is listed in the quarters in which they have a target or a deal.
owner_quarters as (
    select distinct
        beginnings.dimension,
        beginnings.dimension_value,
        begun_weeks.fiscal_quarter
    from beginnings
    inner join begun_weeks
        on beginnings.week_start = begun_weeks.week_start
    where beginnings.dimension = 'owner_id' and beginnings.is_in_quarter
),

listed as (
    select
        members.dimension,
        members.dimension_value,
        begun_weeks.*
    from members
    cross join first_week
    inner join begun_weeks
        on first_week.week_start <= begun_weeks.week_start
    union all
    select
        owner_quarters.dimension,
        owner_quarters.dimension_value,
        begun_weeks.*
    from owner_quarters
    inner join begun_weeks
        on owner_quarters.fiscal_quarter = begun_weeks.fiscal_quarter
),

measured as (
    select
        listed.dimension,
        listed.dimension_value,
        listed.week_start,
        listed.fiscal_quarter,
        listed.last_day,
        source_owners.owner,
        coalesce(net_new.created_count, 0) as created_count,
        cast(coalesce(net_new.created_amount, 0) as {{ type_money() }}) as created_amount,
        cast({{ rounded('targets.target_amount', 2) }} as {{ type_money() }}) as target_amount,
        cast(coalesce(net_new.quarter_to_date, 0) as {{ type_money() }}) as quarter_to_date,
        targets.quarter_target,
        targets.quarter_target
        * (
            {{ days_between(
                'listed.quarter_start_date', 'least(listed.last_day, listed.quarter_end_date)'
            ) }} + 1
        )
        / cast(
            {{ days_between('listed.quarter_start_date', 'listed.quarter_end_date') }} + 1
            as {{ type_double() }}
        ) as target_to_date
    from listed
    left join net_new
        on
            listed.dimension = net_new.dimension
            and listed.dimension_value = net_new.dimension_value
            and listed.week_start = net_new.week_start
    left join targets
        on
            listed.dimension = targets.dimension
            and listed.dimension_value = targets.dimension_value
            and listed.week_start = targets.week_start
    -- Somebody answers for a source; nobody answers for a segment as such.
    left join source_owners
        on
            listed.dimension = 'pipeline_source'
            and listed.dimension_value = source_owners.pipeline_source
),

paced as (
    select
        *,
        cast(quarter_to_date as {{ type_double() }})
        / nullif(cast(quarter_target as {{ type_double() }}), 0) as attainment,
        cast(quarter_to_date as {{ type_double() }}) / nullif(target_to_date, 0) as pace
    from measured
),

scored as (
    select
        *,
        case when pace is not null then greatest(1 - pace, 0) end as behind_pct
    from paced
),

-- Rounded: 1 - 0.9 is a little less than 0.1 as a float.
judged as (
    select
        *,
        dimension = 'pipeline_source'
        and coalesce({{ rounded('behind_pct', 6) }} >= {{ var('behind_threshold') }}, false)
            as needs_recovery_plan,
        {{ team_of_source('dimension_value') }} as recovery_team
    from scored
),

-- An action that was taken from the review's proposal has the proposal's id as its metric.
recovering as (
    select
        judged.dimension_value,
        judged.week_start,
        min(actions.action_id) as recovery_action_id
    from judged
    inner join actions
        on
            judged.recovery_team = {{ match_key('actions.team') }}
            and {{ match_key('actions.metric') }}
            in ('pace', 'behind_pct', 'pace:' || judged.dimension_value)
            and judged.last_day >= actions.opened_on
            and (actions.closed_on is null or judged.last_day < actions.closed_on)
            and (actions.due_on is null or judged.last_day <= actions.due_on)
    where judged.needs_recovery_plan
    group by judged.dimension_value, judged.week_start
),

answered as (
    select
        judged.week_start,
        judged.fiscal_quarter,
        judged.dimension,
        judged.dimension_value,
        judged.owner,
        judged.created_count,
        judged.created_amount,
        judged.target_amount,
        judged.quarter_to_date,
        judged.quarter_target,
        judged.attainment,
        judged.pace,
        judged.behind_pct,
        judged.needs_recovery_plan,
        recovering.recovery_action_id
    from judged
    left join recovering
        on
            judged.needs_recovery_plan
            and judged.dimension_value = recovering.dimension_value
            and judged.week_start = recovering.week_start
)

select * from answered
