-- One row per measure of what the four views add up to and what is there.
with

views as (
    select * from {{ ref('pipeline_views') }}
),

measured as (
    {%- for view in ['marketing', 'sales', 'expansion', 'forecast'] %}
    select
        '{{ view }}' as measure,
        count(*) as opportunity_count,
        coalesce(sum(amount), 0) as amount
    from views
    where in_{{ view }}
    union all
    {%- endfor %}
    select
        'sum_of_views' as measure,
        coalesce(sum(view_count), 0) as opportunity_count,
        coalesce(sum(amount * view_count), 0) as amount
    from views
    union all
    select
        'union' as measure,
        count(*) as opportunity_count,
        coalesce(sum(amount), 0) as amount
    from views
    where view_count > 0
    union all
    select
        'double_counted' as measure,
        coalesce(sum(view_count - 1), 0) as opportunity_count,
        coalesce(sum(amount * (view_count - 1)), 0) as amount
    from views
    where view_count > 0
    union all
    select
        'reconciled' as measure,
        count(*) as opportunity_count,
        coalesce(sum(amount), 0) as amount
    from views
    where in_reconciled
),

typed as (
    select
        {{ as_of_date() }} as as_of_date,
        measure,
        cast(opportunity_count as bigint) as opportunity_count,
        cast(amount as {{ type_money() }}) as amount
    from measured
)

select * from typed
