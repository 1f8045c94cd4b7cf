-- The company's own figure beside each benchmark, where the warehouse can measure it.
with

benchmarks as (
    select * from {{ seed('benchmarks') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Renewals are not won against anybody, and deals that nobody sells say nothing about sellers:
-- coverage leaves both out of its rates, and so does the rate that is compared with a benchmark.
sold_opportunities as (
    select * from opportunities
    where motion != 'renewal' and {{ is_source_in_coverage('pipeline_source') }}
),

-- What became of each, an original as its successor.
closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }}
),

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
),

capacity_plan as (
    select * from {{ seed('capacity_plan') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

bounds as (
    select
        {{ fiscal_quarter_start(as_of_date()) }} as quarter_start_date,
        {{ full_quarters_start(fiscal_quarter_start(as_of_date())) }} as window_start_date
),

closed as (
    select
        closings.stage_group,
        sold_opportunities.qualified_at
    from sold_opportunities
    inner join closings
        on sold_opportunities.opportunity_id = closings.opportunity_id
    cross join bounds
    where
        sold_opportunities.verdict not in ('excluded', 'duplicate')
        and closings.close_day >= bounds.window_start_date
        and closings.close_day < bounds.quarter_start_date
),

sdr_pipeline as (
    select sum(opportunities.created_amount) as created_amount
    from opportunities
    cross join bounds
    where
        opportunities.verdict = 'net_new'
        and opportunities.pipeline_source = 'sdr'
        and opportunities.qualified_date >= bounds.window_start_date
        and opportunities.qualified_date < bounds.quarter_start_date
),

planned_heads as (
    select
        dates.quarter_start_date,
        sum(capacity_plan.ramped_heads) as ramped_heads
    from capacity_plan
    inner join dates
        on capacity_plan.fiscal_quarter = dates.fiscal_quarter
    where {{ match_key('capacity_plan.team') }} = 'sdr'
    group by dates.quarter_start_date
),

-- The mean of the quarters that the pipeline is of; of a company that planned none of them, the
-- heads of now.
sdr_heads as (
    select
        coalesce(
            avg(
                case
                    when planned_heads.quarter_start_date < bounds.quarter_start_date
                        then cast(planned_heads.ramped_heads as decimal(18, 6))
                end
            ),
            max(
                case
                    when planned_heads.quarter_start_date = bounds.quarter_start_date
                        then cast(planned_heads.ramped_heads as {{ type_double() }})
                end
            )
        ) as ramped_heads
    from bounds
    left join planned_heads
        on
            bounds.window_start_date <= planned_heads.quarter_start_date
            and bounds.quarter_start_date >= planned_heads.quarter_start_date
),

-- Of a quarter that is half over, half of the pipeline is closed already: its eve tells what it
-- began with.
eve_coverage as (
    select
        sum(coverage.open_amount) as open_amount,
        sum(coverage.remaining) as remaining
    from coverage
    inner join bounds
        on
            coverage.coverage_date = {{ date_plus_days('bounds.quarter_start_date', -1) }}
            and coverage.quarter_start_date = bounds.quarter_start_date
),

figures as (
    select
        'win_rate' as metric,
        '' as level_key,
        cast(sum(case when stage_group = 'won' then 1 else 0 end) as {{ type_double() }})
        / nullif(count(*), 0) as company_value
    from closed
    union all
    select
        'win_rate' as metric,
        'qualified' as level_key,
        cast(sum(case when stage_group = 'won' then 1 else 0 end) as {{ type_double() }})
        / nullif(count(*), 0) as company_value
    from closed
    where qualified_at is not null
    union all
    select
        'pipeline_coverage' as metric,
        '' as level_key,
        cast(open_amount as {{ type_double() }})
        / nullif(cast(remaining as {{ type_double() }}), 0) as company_value
    from eve_coverage
    union all
    select
        'pipeline_per_ramped_sdr' as metric,
        '' as level_key,
        cast(sdr_pipeline.created_amount as {{ type_double() }})
        / nullif(sdr_heads.ramped_heads, 0) as company_value
    from sdr_pipeline
    cross join sdr_heads
),

compared as (
    select
        benchmarks.metric,
        benchmarks.level,
        benchmarks.period,
        benchmarks.origin,
        benchmarks.value as benchmark_value,
        figures.company_value,
        cast(
            {{ rounded(
                "figures.company_value - cast(benchmarks.value as " ~ type_double() ~ ")", 6
            ) }} as {{ type_double() }}
        ) as difference
    from benchmarks
    left join figures
        on
            {{ match_key('benchmarks.metric') }} = figures.metric
            and case
                when
                    figures.metric = 'win_rate'
                    and {{ match_key("coalesce(benchmarks.level, '')") }} like 'qualified%'
                    then 'qualified'
                else ''
            end = figures.level_key
)

select * from compared
