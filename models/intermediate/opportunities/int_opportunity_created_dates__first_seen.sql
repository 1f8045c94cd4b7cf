-- The created date that the CRM gave when an opportunity was first seen. It is carried from one
-- publication to the next, so that a date moved later can be told from one that never moved. A date
-- that no CRM can have given is not remembered, and forgotten where an earlier run did.
with

opportunities as (
    select * from {{ ref('crm_opportunities') }}
    where created_at >= cast('{{ var("earliest_created_date") }}' as timestamp)
),

carried as (
    select * from {{ ref('stg_carried__opportunity_created_dates') }}
    where created_at >= cast('{{ var("earliest_created_date") }}' as timestamp)
),

first_sightings as (
    select
        opportunity_id,
        created_at,
        {{ as_of_date() }} as seen_on
    from opportunities
    where not exists (
        select 1
        from carried
        where opportunities.opportunity_id = carried.opportunity_id
    )
),

unioned as (
    select * from carried
    union all
    select * from first_sightings
)

select * from unioned
