-- The opportunities that marketing influenced, and since when.
with

counted as (
    select * from {{ ref('fct_opportunity_touches') }}
    where is_marketing
),

influenced as (
    select
        opportunity_id,
        min(touched_at) as influenced_at,
        min(known_at) as influence_known_at
    from counted
    group by opportunity_id
)

select * from influenced
