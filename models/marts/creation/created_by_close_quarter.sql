-- One row per fiscal quarter of creation, source, segment and quarter in which the net-new deals
-- were expected to close when they were created.
with

opportunities as (
    select
        pipeline_source,
        segment,
        created_amount,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date,
        {{ fiscal_quarter_start('close_date_at_qualification') }} as close_quarter_start_date
    from {{ ref('fct_opportunities') }}
    where is_net_new
),

counted as (
    select
        quarter_start_date,
        pipeline_source,
        segment,
        close_quarter_start_date,
        cast(count(*) as bigint) as created_count,
        cast(coalesce(sum(created_amount), 0) as {{ type_money() }}) as created_amount
    from opportunities
    group by quarter_start_date, pipeline_source, segment, close_quarter_start_date
),

named as (
    select
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        pipeline_source,
        segment,
        coalesce({{ fiscal_quarter('close_quarter_start_date') }}, 'no_date') as close_quarter,
        created_count,
        created_amount
    from counted
)

select * from named
