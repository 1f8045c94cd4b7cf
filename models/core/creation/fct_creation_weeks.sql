-- One row per week and source or segment: net-new pipeline created against its target.
with

net_new as (
    select * from {{ ref('int_net_new__by_week') }}
    where dimension in ('pipeline_source', 'segment')
),

targets as (
    select * from {{ ref('int_creation_targets__by_week') }}
),

source_owners as (
    select * from {{ ref('dim_source_owners') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

members as (
    select
        dimension,
        dimension_value
    from net_new
    union distinct
    select
        dimension,
        dimension_value
    from targets
),

-- From the first week with a target or a net-new deal to the week that as-of lies in.
first_week as (
    select min(week_start) as week_start
    from (
        select week_start from net_new
        union all
        select week_start from targets
    ) as beginnings
),

weeks as (
    select
        dates.week_start,
        dates.fiscal_quarter,
        dates.quarter_start_date,
        dates.quarter_end_date,
        least(
            {{ date_plus_days('dates.week_start', 6) }},
            dates.quarter_end_date,
            {{ as_of_date() }}
        ) as to_date
    from dates
    cross join first_week
    where
        dates.date_day = dates.week_start
        and dates.week_start >= first_week.week_start
        and dates.week_start <= {{ as_of_date() }}
),

measured as (
    select
        members.dimension,
        members.dimension_value,
        weeks.week_start,
        weeks.fiscal_quarter,
        source_owners.owner,
        coalesce(net_new.created_count, 0) as created_count,
        cast(coalesce(net_new.created_amount, 0) as {{ type_money() }}) as created_amount,
        cast({{ rounded('targets.target_amount', 2) }} as {{ type_money() }}) as target_amount,
        cast(coalesce(net_new.quarter_to_date, 0) as {{ type_money() }}) as quarter_to_date,
        targets.quarter_target,
        targets.quarter_target
        * ({{ days_between('weeks.quarter_start_date', 'weeks.to_date') }} + 1)
        / cast(
            {{ days_between('weeks.quarter_start_date', 'weeks.quarter_end_date') }} + 1
            as {{ type_double() }}
        ) as target_to_date
    from members
    cross join weeks
    left join net_new
        on
            members.dimension = net_new.dimension
            and members.dimension_value = net_new.dimension_value
            and weeks.week_start = net_new.week_start
    left join targets
        on
            members.dimension = targets.dimension
            and members.dimension_value = targets.dimension_value
            and weeks.week_start = targets.week_start
    -- Somebody answers for a source; nobody answers for a segment as such.
    left join source_owners
        on
            members.dimension = 'pipeline_source'
            and members.dimension_value = source_owners.pipeline_source
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
        week_start,
        fiscal_quarter,
        dimension,
        dimension_value,
        owner,
        created_count,
        created_amount,
        target_amount,
        quarter_to_date,
        quarter_target,
        attainment,
        pace,
        case when pace is not null then greatest(1 - pace, 0) end as behind_pct
    from paced
)

select * from scored
