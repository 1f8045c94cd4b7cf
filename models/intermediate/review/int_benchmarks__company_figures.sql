-- The company's own figure beside each benchmark, where the warehouse can measure it.
with

benchmarks as (
    select * from {{ ref('benchmarks') }}
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

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

capacity_plan as (
    select * from {{ ref('capacity_plan') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = {{ as_of_date() }}
),

bounds as (
    select
        fiscal_quarter,
        quarter_start_date,
        {{ full_quarters_start('quarter_start_date') }} as window_start_date,
        {{ date_plus_months('quarter_start_date', 3) }} as next_quarter_start_date
    from dates
),

closed as (
    select
        sold_opportunities.stage_group,
        sold_opportunities.qualified_at
    from sold_opportunities
    cross join bounds
    where
        sold_opportunities.verdict not in ('excluded', 'duplicate')
        and sold_opportunities.close_day >= bounds.window_start_date
        and sold_opportunities.close_day < bounds.quarter_start_date
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

sdr_heads as (
    select sum(capacity_plan.ramped_heads) as ramped_heads
    from capacity_plan
    inner join bounds
        on capacity_plan.fiscal_quarter = bounds.fiscal_quarter
    where {{ match_key('capacity_plan.team') }} = 'sdr'
),

next_coverage as (
    select
        sum(coverage.open_amount) as open_amount,
        sum(coverage.remaining) as remaining
    from coverage
    inner join bounds
        on coverage.quarter_start_date = bounds.next_quarter_start_date
),

figures as (
    select
        'win_rate' as metric,
        'all' as level_key,
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
    from next_coverage
    union all
    select
        'pipeline_per_ramped_sdr' as metric,
        '' as level_key,
        cast(sdr_pipeline.created_amount as {{ type_double() }})
        / nullif(cast(sdr_heads.ramped_heads as {{ type_double() }}), 0) as company_value
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
        figures.company_value - cast(benchmarks.value as {{ type_double() }}) as difference
    from benchmarks
    left join figures
        on
            {{ match_key('benchmarks.metric') }} = figures.metric
            and {{ match_key("coalesce(benchmarks.level, '')") }} like figures.level_key || '%'
)

select * from compared
