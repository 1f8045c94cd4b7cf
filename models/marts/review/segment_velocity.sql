-- One row per segment: whether deals that marketing brought close faster there than others.
with

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_in_rates and stage_group = 'won'
),

measured as (
    select
        segment,
        sum(case when pipeline_source = 'marketing' then 1 else 0 end) as marketing_won_count,
        sum(case when pipeline_source != 'marketing' then 1 else 0 end) as other_won_count,
        avg(case when pipeline_source = 'marketing' then cycle_days end) as marketing_mean_days,
        avg(case when pipeline_source != 'marketing' then cycle_days end) as other_mean_days
    from closings
    group by segment
),

-- A pace takes more than one lucky deal. Rounded, because the sum of floats depends on the order
-- of the rows.
compared as (
    select
        {{ as_of_date() }} as as_of_date,
        segment,
        cast(marketing_won_count as bigint) as marketing_won_count,
        cast(other_won_count as bigint) as other_won_count,
        cast({{ rounded('marketing_mean_days', 6) }} as {{ type_double() }})
            as marketing_mean_days,
        cast({{ rounded('other_mean_days', 6) }} as {{ type_double() }}) as other_mean_days,
        case
            when
                marketing_won_count >= {{ var('min_won_for_cycle') }}
                and other_won_count >= {{ var('min_won_for_cycle') }}
                then cast(
                    {{ rounded('other_mean_days - marketing_mean_days', 6) }} as {{ type_double() }}
                )
        end as days_faster
    from measured
)

select * from compared
