-- Every segment and motion of which coverage is asked, as of each coverage day.
with

days as (
    select * from {{ ref('int_coverage_days__listed') }}
),

segments as (
    select * from {{ ref('segments') }}
),

quotas as (
    select * from {{ ref('quotas') }}
),

named as (
    select trim(segment) as segment from segments
    union distinct
    select trim(segment) as segment from quotas
    union distinct
    select 'unknown' as segment
),

motions as (
    select 'new_business' as motion
    union all
    select 'expansion' as motion
),

listed as (
    select
        days.coverage_date,
        named.segment,
        motions.motion
    from days
    cross join named
    cross join motions
)

select * from listed
