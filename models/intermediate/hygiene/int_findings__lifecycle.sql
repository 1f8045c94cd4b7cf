{{ config(materialized="view") }}
-- Where the seed of lifecycle statuses and the records do not meet: by a status that nobody ever
-- had nobody reaches its stage; in a system that the seed does not know nobody reaches any.
with

statuses as (
    select * from {{ ref('dim_lifecycle_statuses') }}
),

unused as (
    select
        system || ':' || status as record_id,
        'lifecycle_status_unused' as rule,
        'mapped to ' || lifecycle_stage as detail
    from statuses
    where lifecycle_stage is not null and record_count = 0
),

unmapped as (
    select
        system as record_id,
        'lifecycle_unmapped' as rule,
        'none of its ' || cast(count(*) as {{ dbt.type_string() }}) || ' statuses is mapped'
            as detail
    from statuses
    where record_count > 0
    group by system
    having count(lifecycle_stage) = 0
),

unioned as (
    select * from unused
    union all
    select * from unmapped
),

found as (
    select
        'setting' as record_type,
        record_id,
        rule,
        detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from unioned
)

select * from found
