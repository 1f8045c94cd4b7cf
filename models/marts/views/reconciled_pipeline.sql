-- One row per opportunity in the one reconciled pipeline at as-of.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_in_reconciled
),

viewed as (
    select
        {{ as_of_date() }} as as_of_date,
        opportunity_id,
        account_id,
        segment,
        motion,
        pipeline_source,
        stage,
        close_date,
        amount,
        amount as pipeline_amount
    from opportunities
)

select * from viewed
