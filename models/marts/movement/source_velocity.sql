-- One row per source: what its open pipeline yields per day.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_in_reconciled
),

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_in_rates
),

open_deals as (
    select
        pipeline_source,
        count(*) as open_count,
        cast(sum(amount) as {{ type_double() }}) / nullif(count(amount), 0) as mean_amount
    from opportunities
    group by pipeline_source
),

rates as (
    select
        pipeline_source,
        count(*) as closed_count,
        cast(sum(case when stage_group = 'won' then 1 else 0 end) as {{ type_double() }})
        / count(*) as win_rate,
        -- Decimals: a sum of floats depends on the order in which the engine takes them.
        cast(
            sum(case when stage_group = 'won' then cast(cycle_days as decimal(18, 9)) end)
            as {{ type_double() }}
        ) / nullif(sum(case when stage_group = 'won' then 1 else 0 end), 0) as mean_cycle_days
    from closings
    group by pipeline_source
),

joined as (
    select
        coalesce(open_deals.pipeline_source, rates.pipeline_source) as pipeline_source,
        coalesce(open_deals.open_count, 0) as opportunity_count,
        open_deals.mean_amount,
        coalesce(rates.closed_count, 0) as closed_count,
        rates.win_rate,
        rates.mean_cycle_days
    from open_deals
    full outer join rates
        on open_deals.pipeline_source = rates.pipeline_source
),

measured as (
    select
        {{ as_of_date() }} as as_of_date,
        pipeline_source,
        opportunity_count,
        cast({{ rounded('mean_amount', 2) }} as {{ type_money() }}) as mean_amount,
        closed_count,
        win_rate,
        mean_cycle_days,
        cast(
            {{ rounded(
                'opportunity_count * mean_amount * win_rate / nullif(mean_cycle_days, 0)', 2
            ) }}
            as {{ type_money() }}
        ) as velocity_amount
    from joined
)

select * from measured
