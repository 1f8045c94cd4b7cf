-- One row per fiscal quarter before the running one: its day that lies where as-of lies in its own.
{#- A quarter of deals has to be there before a day can tell what such a day leads to. -#}
{%- set min_history_days = 90 %}
with

quarters as (
    select
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        row_number() over (order by quarter_start_date desc) as quarters_before
    from {{ ref('dim_dates') }}
    where
        date_day = quarter_start_date
        and quarter_start_date < {{ fiscal_quarter_start(as_of_date()) }}
),

running as (
    select {{ days_between('date_day', 'quarter_end_date') }} as days_to_quarter_end
    from {{ ref('dim_dates') }}
    where date_day = {{ as_of_date() }}
),

population as (
    select min(qualified_date) as first_qualified_date
    from {{ ref('fct_opportunities') }}
    where motion != 'renewal' and not is_excluded
),

placed as (
    select
        quarters.quarters_before,
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        greatest(
            {{ date_plus_days('quarters.quarter_end_date', '-1 * running.days_to_quarter_end') }},
            quarters.quarter_start_date
        ) as snapshot_date,
        population.first_qualified_date
    from quarters
    cross join running
    cross join population
    where quarters.quarters_before <= {{ var('history_periods') }}
),

counted as (
    select
        cast(quarters_before as integer) as quarters_before,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        snapshot_date,
        {{ day_end('snapshot_date') }} as day_ended_at,
        coalesce(
            snapshot_date >= {{ date_plus_days('first_qualified_date', min_history_days) }},
            false
        ) as is_counted
    from placed
)

select * from counted
