-- One row per fiscal quarter and source that has a share of its creation target.
with

targets as (
    select * from {{ ref('fct_creation_targets') }}
),

shares as (
    select * from {{ seed('source_shares') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

-- A sum of which a part is unknown is unknown.
quarters as (
    select
        fiscal_quarter,
        case when count(target_amount) = count(*) then sum(target_amount) end as target_amount
    from targets
    group by fiscal_quarter
),

scaled as (
    select
        fiscal_quarter,
        {{ match_key('pipeline_source') }} as pipeline_source,
        cast(share as {{ type_double() }})
        / sum(cast(share as {{ type_double() }})) over (partition by fiscal_quarter) as share
    from shares
),

-- Twelve digits: with more, remainders that are equal would differ by the last bit of a float.
exact as (
    select
        scaled.fiscal_quarter,
        dates.quarter_start_date,
        dates.quarter_end_date,
        scaled.pipeline_source,
        scaled.share,
        quarters.fiscal_quarter is not null as has_target,
        quarters.target_amount as quarter_target_amount,
        cast(quarters.target_amount * 100 as decimal(24, 0))
        * cast({{ rounded('scaled.share', 12) }} as decimal(13, 12)) as exact_cents
    from scaled
    inner join dates
        on scaled.fiscal_quarter = dates.fiscal_quarter
    left join quarters
        on scaled.fiscal_quarter = quarters.fiscal_quarter
),

floored as (
    select
        *,
        floor(exact_cents) as floored_cents,
        exact_cents - floor(exact_cents) as remainder,
        cast(quarter_target_amount * 100 as decimal(24, 0)) as target_cents
    from exact
),

-- Of a target beyond ten billion several cents a source are left, or missing: they go to all alike.
evened as (
    select
        *,
        floored_cents
        + {{ cents_of_each(
            'target_cents - sum(floored_cents) over (partition by fiscal_quarter)',
            'count(*) over (partition by fiscal_quarter)'
        ) }} as whole_cents
    from floored
),

ranked as (
    select
        *,
        sum(whole_cents) over (partition by fiscal_quarter) as dealt_cents,
        row_number() over (
            partition by fiscal_quarter
            order by remainder desc, pipeline_source asc
        ) as remainder_rank
    from evened
),

shared as (
    select
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        pipeline_source,
        share,
        has_target,
        cast(
            (
                whole_cents
                + case when remainder_rank <= target_cents - dealt_cents then 1 else 0 end
            ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
        ) as target_amount
    from ranked
)

select * from shared
