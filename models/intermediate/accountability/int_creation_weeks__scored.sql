-- Net-new pipeline of each week against its target, by source and by segment. A day's target is the
-- quarter's divided by its days; a week bears its Monday's quarter, and counts to date only the
-- days of that quarter.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

judged as (
    select * from {{ ref('int_opportunities__verdicts') }}
    where verdict = 'net_new'
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

targets as (
    select * from {{ ref('int_creation_targets__dimensioned') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

net_new as (
    select
        sources.pipeline_source,
        coalesce(accounts.segment, 'unknown') as segment,
        {{ business_date('judged.qualified_at') }} as qualified_date,
        coalesce(judged.created_amount, 0) as created_amount
    from judged
    inner join opportunities
        on judged.opportunity_id = opportunities.opportunity_id
    inner join sources
        on judged.opportunity_id = sources.opportunity_id
    left join accounts
        on opportunities.account_id = accounts.account_id
),

created as (
    {%- for dimension in ['pipeline_source', 'segment'] %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }} as dimension_value,
        {{ week_start('qualified_date') }} as week_start,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date,
        count(*) as created_count,
        sum(created_amount) as created_amount
    from net_new
    group by
        {{ dimension }},
        {{ week_start('qualified_date') }},
        {{ fiscal_quarter_start('qualified_date') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- From the first week of which there is anything to say, to the one that as-of lies in.
bounds as (
    select min(first_date) as first_date
    from (
        select min(week_start) as first_date from created
        union all
        select min(quarter_start_date) as first_date from targets
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
    cross join bounds
    where
        dates.date_day = dates.week_start
        and {{ date_plus_days('dates.week_start', 6) }} >= bounds.first_date
        and dates.week_start <= {{ as_of_date() }}
),

members as (
    select
        dimension,
        dimension_value
    from created
    union distinct
    select
        dimension,
        dimension_value
    from targets
),

week_days as (
    select
        week_start,
        quarter_start_date,
        count(*) as day_count
    from dates
    group by week_start, quarter_start_date
),

week_targets as (
    select
        targets.dimension,
        targets.dimension_value,
        week_days.week_start,
        sum(
            targets.target_amount * week_days.day_count
            / cast(
                {{ days_between('targets.quarter_start_date', 'targets.quarter_end_date') }} + 1
                as {{ type_double() }}
            )
        ) as target_amount
    from targets
    inner join week_days
        on targets.quarter_start_date = week_days.quarter_start_date
    group by targets.dimension, targets.dimension_value, week_days.week_start
),

week_actuals as (
    select
        dimension,
        dimension_value,
        week_start,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from created
    group by dimension, dimension_value, week_start
),

running as (
    select
        members.dimension,
        members.dimension_value,
        weeks.week_start,
        sum(created.created_amount) as quarter_to_date
    from members
    cross join weeks
    inner join created
        on
            members.dimension = created.dimension
            and members.dimension_value = created.dimension_value
            and weeks.quarter_start_date = created.quarter_start_date
            and weeks.week_start >= created.week_start
    group by members.dimension, members.dimension_value, weeks.week_start
),

measured as (
    select
        members.dimension,
        members.dimension_value,
        weeks.week_start,
        weeks.fiscal_quarter,
        cast(coalesce(week_actuals.created_count, 0) as bigint) as created_count,
        cast(coalesce(week_actuals.created_amount, 0) as {{ type_money() }}) as created_amount,
        cast({{ rounded('week_targets.target_amount', 2) }} as {{ type_money() }}) as target_amount,
        cast(coalesce(running.quarter_to_date, 0) as {{ type_money() }}) as quarter_to_date,
        targets.target_amount as quarter_target,
        targets.target_amount
        * ({{ days_between('weeks.quarter_start_date', 'weeks.to_date') }} + 1)
        / cast(
            {{ days_between('weeks.quarter_start_date', 'weeks.quarter_end_date') }} + 1
            as {{ type_double() }}
        ) as target_to_date
    from members
    cross join weeks
    left join week_actuals
        on
            members.dimension = week_actuals.dimension
            and members.dimension_value = week_actuals.dimension_value
            and weeks.week_start = week_actuals.week_start
    left join week_targets
        on
            members.dimension = week_targets.dimension
            and members.dimension_value = week_targets.dimension_value
            and weeks.week_start = week_targets.week_start
    left join targets
        on
            members.dimension = targets.dimension
            and members.dimension_value = targets.dimension_value
            and weeks.quarter_start_date = targets.quarter_start_date
    left join running
        on
            members.dimension = running.dimension
            and members.dimension_value = running.dimension_value
            and weeks.week_start = running.week_start
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
)

select * from scored
