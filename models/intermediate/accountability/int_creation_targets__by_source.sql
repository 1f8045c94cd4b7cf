-- What each source is to create per fiscal quarter: its share of the quarter's target. Shares that
-- do not quite sum to 1 are scaled to it; odd cents go to the largest remainders.
with

targets as (
    select * from {{ ref('fct_creation_targets') }}
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

-- Twelve digits: with more, remainders that are equal would differ by the last bit of a float.
exact as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        quarters.quarter_end_date,
        scaled.pipeline_source,
        scaled.share,
        quarters.target_amount as quarter_target_amount,
        cast(quarters.target_amount * 100 as decimal(20, 0))
        * cast({{ rounded('scaled.share', 12) }} as decimal(13, 12)) as exact_cents
    from quarters
    inner join scaled
        on quarters.fiscal_quarter = scaled.fiscal_quarter
),

floored as (
    select
        *,
        floor(exact_cents) as whole_cents,
        sum(floor(exact_cents)) over (partition by fiscal_quarter) as dealt_cents,
        row_number() over (
            partition by fiscal_quarter
            order by exact_cents - floor(exact_cents) desc, pipeline_source
        ) as remainder_rank
    from exact
),

shared as (
    select
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        pipeline_source,
        share,
        cast(
            (
                whole_cents
                + case
                    when remainder_rank <= quarter_target_amount * 100 - dealt_cents then 1
                    else 0
                end
            ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
        ) as target_amount
    from floored
)

select * from shared
