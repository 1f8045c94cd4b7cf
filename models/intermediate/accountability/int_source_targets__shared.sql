-- What each source is to create per fiscal quarter: its share of the quarter's target. Shares that
-- sum to 1 but for rounding are scaled to it.
with

targets as (
    select * from {{ ref('int_creation_targets__derived') }}
    where target_amount is not null
),

shares as (
    select * from {{ ref('source_shares') }}
),

quarters as (
    select
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        sum(target_amount) as target_amount
    from targets
    group by fiscal_quarter, quarter_start_date, quarter_end_date
),

scaled as (
    select
        fiscal_quarter,
        pipeline_source,
        cast(share as {{ type_double() }})
        / sum(cast(share as {{ type_double() }})) over (partition by fiscal_quarter) as share
    from shares
),

shared as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        scaled.pipeline_source,
        scaled.share,
        cast(round(cast(quarters.target_amount as {{ type_double() }}) * scaled.share, 2)
            as {{ type_money() }}) as target_amount
    from quarters
    inner join scaled
        on quarters.fiscal_quarter = scaled.fiscal_quarter
)

select * from shared
