-- The latest as-of day of which any published run spoke; no row before the first.
with

reported as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

known as (
    select max(as_of_date) as latest_as_of_date
    from reported
    having count(*) > 0
)

select * from known
