-- Net-new pipeline of each week by source, segment and owner, and of the quarter up to the week. A
-- week belongs to the quarter of its Monday, and to date it counts that quarter's own days alone.
with

net_new as (
    select
        pipeline_source,
        segment,
        coalesce(owner_id, 'unassigned') as owner_id,
        {{ week_start('qualified_date') }} as week_start,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date,
        coalesce(created_amount, 0) as created_amount
    from {{ ref('fct_opportunities') }}
    where is_net_new
),

weeks as (
    select * from {{ ref('dim_dates') }}
    where date_day = week_start and is_past
),

created as (
    {%- for dimension in ['pipeline_source', 'segment', 'owner_id'] %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }} as dimension_value,
        week_start,
        quarter_start_date,
        count(*) as created_count,
        sum(created_amount) as created_amount
    from net_new
    group by {{ dimension }}, week_start, quarter_start_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A week in which one quarter ends and the next begins is one week: deals of both count in it.
of_the_week as (
    select
        dimension,
        dimension_value,
        week_start,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from created
    group by dimension, dimension_value, week_start
),

-- What was created in a quarter shows in each of its weeks from then on.
to_date as (
    select
        created.dimension,
        created.dimension_value,
        weeks.week_start,
        sum(created.created_amount) as quarter_to_date
    from created
    inner join weeks
        on
            created.quarter_start_date = weeks.quarter_start_date
            and created.week_start <= weeks.week_start
    group by created.dimension, created.dimension_value, weeks.week_start
),

by_week as (
    select
        coalesce(of_the_week.dimension, to_date.dimension) as dimension,
        coalesce(of_the_week.dimension_value, to_date.dimension_value) as dimension_value,
        coalesce(of_the_week.week_start, to_date.week_start) as week_start,
        cast(coalesce(of_the_week.created_count, 0) as bigint) as created_count,
        cast(coalesce(of_the_week.created_amount, 0) as {{ type_money() }}) as created_amount,
        cast(coalesce(to_date.quarter_to_date, 0) as {{ type_money() }}) as quarter_to_date
    from of_the_week
    full outer join to_date
        on
            of_the_week.dimension = to_date.dimension
            and of_the_week.dimension_value = to_date.dimension_value
            and of_the_week.week_start = to_date.week_start
)

select * from by_week
