-- One row per source of net-new pipeline in the four full fiscal quarters before as-of.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where
        is_net_new
        and qualified_date < {{ fiscal_quarter_start(as_of_date()) }}
        and qualified_date >= {{ full_quarters_start(fiscal_quarter_start(as_of_date())) }}
),

created as (
    select
        pipeline_source,
        count(*) as created_count,
        cast(coalesce(sum(created_amount), 0) as {{ type_money() }}) as created_amount
    from opportunities
    group by pipeline_source
),

shared as (
    select
        *,
        cast(created_amount as {{ type_double() }})
        / nullif(cast(sum(created_amount) over () as {{ type_double() }}), 0) as share
    from created
),

concentrated as (
    select
        {{ as_of_date() }} as as_of_date,
        pipeline_source,
        created_count,
        created_amount,
        share,
        -- Decimals: a sum of floats depends on the order in which the engine adds them.
        cast(
            sum(cast(share as decimal(13, 12)) * cast(share as decimal(13, 12))) over ()
            as {{ type_double() }}
        ) as herfindahl_index,
        coalesce(share > {{ var('max_source_share') }}, false) as is_single_source
    from shared
)

select * from concentrated
