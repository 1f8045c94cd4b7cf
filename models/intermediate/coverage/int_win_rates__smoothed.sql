-- Win rate, cycle and create-and-close share of each segment and motion, for each day that coverage
-- is computed for. A segment with few closed deals leans on the rate of all, and all of them on the
-- benchmark.
{%- set prior_weight = var('win_rate_prior_weight') %}
with

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where is_in_rates
),

days as (
    select * from {{ ref('int_coverage_days__listed') }}
    where has_rates
),

segments as (
    select * from {{ seed('segments') }}
),

quotas as (
    select * from {{ seed('quotas') }}
),

-- Every segment that is named anywhere; `unknown` holds the deals of accounts of unknown size.
named_segments as (
    select trim(segment) as segment from segments
    union distinct
    select trim(segment) as segment from quotas
    union distinct
    select 'unknown' as segment
),

motions as (
    select 'new_business' as motion
    union all
    select 'expansion' as motion
),

grid as (
    select
        days.coverage_date,
        named_segments.segment,
        motions.motion
    from days
    cross join named_segments
    cross join motions
),

company as (
    select
        days.coverage_date,
        (
            sum(case when closings.stage_group = 'won' then 1 else 0 end)
            + {{ prior_weight }} * cast({{ var('default_win_rate') }} as {{ type_double() }})
        ) / (count(closings.opportunity_id) + {{ prior_weight }}) as win_rate,
        percentile_cont(0.5) within group (
            order by case when closings.stage_group = 'won' then closings.cycle_days end
        ) as median_cycle_days,
        {{ mean_days("case when closings.stage_group = 'won' then closings.cycle_days end") }}
            as mean_cycle_days,
        percentile_cont(0.8) within group (
            order by case when closings.stage_group = 'won' then closings.cycle_days end
        ) as p80_cycle_days
    from days
    left join closings
        on days.coverage_date = closings.coverage_date
    group by days.coverage_date
),

cells as (
    select
        coverage_date,
        segment,
        motion,
        count(*) as closed_count,
        sum(case when stage_group = 'won' then 1 else 0 end) as won_count,
        percentile_cont(0.5) within group (
            order by case when stage_group = 'won' then cycle_days end
        ) as median_cycle_days,
        {{ mean_days("case when stage_group = 'won' then cycle_days end") }} as mean_cycle_days,
        percentile_cont(0.8) within group (
            order by case when stage_group = 'won' then cycle_days end
        ) as p80_cycle_days,
        sum(case when stage_group = 'won' then coalesce(amount, 0) else 0 end) as won_amount,
        sum(
            case
                when stage_group = 'won' and is_closed_in_quarter_created
                    then coalesce(amount, 0)
                else 0
            end
        ) as created_and_won_amount
    from closings
    group by coverage_date, segment, motion
),

smoothed as (
    select
        grid.coverage_date,
        grid.segment,
        grid.motion,
        coalesce(cells.closed_count, 0) as closed_count,
        cast(cells.won_count as {{ type_double() }}) / nullif(cells.closed_count, 0)
            as win_rate_raw,
        (coalesce(cells.won_count, 0) + {{ prior_weight }} * company.win_rate)
        / (coalesce(cells.closed_count, 0) + {{ prior_weight }}) as win_rate,
        {%- for name in ['median_cycle_days', 'mean_cycle_days', 'p80_cycle_days'] %}
        case
            when cells.won_count >= {{ var('min_won_for_cycle') }} then cells.{{ name }}
            else company.{{ name }}
        end as {{ name }},
        {%- endfor %}
        coalesce(
            cast(cells.created_and_won_amount as {{ type_double() }})
            / nullif(cast(cells.won_amount as {{ type_double() }}), 0),
            0
        ) as create_and_close_share
    from grid
    inner join company
        on grid.coverage_date = company.coverage_date
    left join cells
        on
            grid.coverage_date = cells.coverage_date
            and grid.segment = cells.segment
            and grid.motion = cells.motion
),

required as (
    select
        *,
        1 / nullif(win_rate, 0) as required_coverage,
        (1 - create_and_close_share) / nullif(win_rate, 0) as adjusted_coverage
    from smoothed
)

select * from required
