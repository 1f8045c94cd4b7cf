-- One row per source: what its open pipeline yields per day, and how long its deals took to win.
{%- set prior_weight = var('win_rate_prior_weight') %}
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_in_reconciled
),

-- Every source, those that coverage leaves out as well: what is asked is what each of them yields.
closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_in_population
),

windows as (
    select
        quarter_start_date,
        {{ full_quarters_start('quarter_start_date') }} as window_start_date,
        {{ full_quarters_start(full_quarters_start('quarter_start_date')) }}
            as previous_window_start_date
    from {{ ref('dim_dates') }}
    where date_day = {{ as_of_date() }}
),

closed as (
    select
        closings.pipeline_source,
        closings.stage_group,
        closings.close_day >= windows.window_start_date as is_in_window,
        case
            when closings.stage_group = 'won' and closings.close_day >= windows.window_start_date
                then closings.cycle_days
        end as days_to_win,
        case
            when closings.stage_group = 'won' and closings.close_day < windows.window_start_date
                then closings.cycle_days
        end as previous_days_to_win
    from closings
    cross join windows
    where
        closings.close_day >= windows.previous_window_start_date
        and closings.close_day < windows.quarter_start_date
),

company as (
    select
        (
            count(days_to_win)
            + {{ prior_weight }} * cast({{ var('default_win_rate') }} as {{ type_double() }})
        ) / (count(case when is_in_window then 1 end) + {{ prior_weight }}) as win_rate,
        {{ mean_days('days_to_win') }} as mean_cycle_days
    from closed
),

by_source as (
    select
        pipeline_source,
        sum(case when is_in_window then 1 else 0 end) as closed_count,
        count(days_to_win) as won_count,
        count(previous_days_to_win) as previous_won_count,
        {{ mean_days('days_to_win') }} as mean_cycle_days,
        percentile_cont(0.5) within group (order by days_to_win) as median_days_to_win,
        percentile_cont(0.5) within group (order by previous_days_to_win)
            as previous_median_days_to_win
    from closed
    group by pipeline_source
),

-- A renewal is in no rate, so that it is not multiplied by one; its source is listed all the same.
-- A deal without money is one of the deals.
open_deals as (
    select
        pipeline_source,
        sum(case when motion != 'renewal' then 1 else 0 end) as open_count,
        cast(
            sum(case when motion != 'renewal' then coalesce(amount, 0) end) as {{ type_double() }}
        ) / nullif(sum(case when motion != 'renewal' then 1 else 0 end), 0) as mean_amount
    from opportunities
    group by pipeline_source
),

joined as (
    select
        coalesce(open_deals.pipeline_source, by_source.pipeline_source) as pipeline_source,
        coalesce(open_deals.open_count, 0) as opportunity_count,
        open_deals.mean_amount,
        coalesce(by_source.closed_count, 0) as closed_count,
        coalesce(by_source.won_count, 0) as won_count,
        coalesce(by_source.previous_won_count, 0) as previous_won_count,
        by_source.mean_cycle_days,
        by_source.median_days_to_win,
        by_source.previous_median_days_to_win
    from open_deals
    full outer join by_source
        on open_deals.pipeline_source = by_source.pipeline_source
),

-- A source with few closed deals leans on all of them together.
smoothed as (
    select
        joined.pipeline_source,
        joined.opportunity_count,
        joined.mean_amount,
        joined.closed_count,
        (joined.won_count + {{ prior_weight }} * company.win_rate)
        / (joined.closed_count + {{ prior_weight }}) as win_rate,
        case
            when joined.won_count >= {{ var('min_won_for_cycle') }} then joined.mean_cycle_days
            else company.mean_cycle_days
        end as mean_cycle_days,
        joined.won_count,
        joined.median_days_to_win,
        joined.previous_won_count,
        joined.previous_median_days_to_win
    from joined
    cross join company
),

measured as (
    select
        {{ as_of_date() }} as as_of_date,
        pipeline_source,
        cast(opportunity_count as bigint) as opportunity_count,
        cast({{ rounded('mean_amount', 2) }} as {{ type_money() }}) as mean_amount,
        cast(closed_count as bigint) as closed_count,
        win_rate,
        mean_cycle_days,
        cast(
            {{ rounded(
                'opportunity_count * mean_amount * win_rate / nullif(mean_cycle_days, 0)', 2
            ) }}
            as {{ type_money() }}
        ) as velocity_amount,
        cast(won_count as bigint) as won_count,
        median_days_to_win,
        cast(previous_won_count as bigint) as previous_won_count,
        previous_median_days_to_win
    from smoothed
)

select * from measured
