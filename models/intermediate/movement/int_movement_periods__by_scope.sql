-- Every pair of dates that movement is reported between, with each scope that it is reported for:
-- all deals, and those that close in the fiscal quarter in which the pair ends.
with

periods as (
    select * from {{ ref('dim_movement_periods') }}
),

scoped as (
    select
        period_grain,
        from_date,
        to_date,
        'all' as scope,
        cast(null as date) as scope_start_date,
        cast(null as date) as scope_end_date
    from periods
    union all
    select
        period_grain,
        from_date,
        to_date,
        target_quarter as scope,
        target_quarter_start_date as scope_start_date,
        target_quarter_end_date as scope_end_date
    from periods
),

numbered as (
    select
        *,
        row_number() over (order by from_date, to_date, scope) as pair_id
    from scoped
)

select * from numbered
