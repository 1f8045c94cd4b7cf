-- One row per past day and measure of what the four views added up to and what was there.
{#- How often each measure counts a deal. -#}
{%- set view_count = 'cast(in_marketing as integer) + cast(in_sales as integer)'
    ~ ' + cast(in_expansion as integer) + cast(in_forecast as integer)' %}
{%- set times_counted = {
    'marketing': 'cast(in_marketing as integer)',
    'sales': 'cast(in_sales as integer)',
    'expansion': 'cast(in_expansion as integer)',
    'forecast': 'cast(in_forecast as integer)',
    'sum_of_views': '(' ~ view_count ~ ')',
    'union': 'cast(in_marketing or in_sales or in_expansion or in_forecast as integer)',
    'double_counted': 'greatest(' ~ view_count ~ ' - 1, 0)',
    'reconciled': 'cast(in_reconciled as integer)',
} %}
with

members as (
    select * from {{ ref('fct_view_history') }}
),

days as (
    select * from {{ ref('dim_history_days') }}
),

counted as (
    {%- for measure, times in times_counted.items() %}
    select
        date_day,
        '{{ measure }}' as measure,
        sum(opportunity_count * {{ times }}) as opportunity_count,
        sum(amount * {{ times }}) as amount
    from members
    group by date_day
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Measures of nothing are listed too.
measures as (
    {%- for measure in times_counted %}
    select '{{ measure }}' as measure
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

typed as (
    select
        days.date_day as as_of_date,
        days.is_period_end,
        measures.measure,
        measures.measure not in ('marketing', 'sales', 'expansion', 'forecast') as is_total,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from days
    cross join measures
    left join counted
        on days.date_day = counted.date_day and measures.measure = counted.measure
)

select * from typed
