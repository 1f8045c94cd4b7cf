-- Who answers for each source's week; nobody answers for a segment's as such.
with

scored as (
    select * from {{ ref('int_creation_weeks__scored') }}
),

source_owners as (
    select * from {{ ref('source_owners') }}
),

owned as (
    select
        scored.*,
        {{ masked('source_owners.owner') }} as owner
    from scored
    left join source_owners
        on
            scored.dimension = 'pipeline_source'
            and scored.dimension_value = source_owners.pipeline_source
)

select * from owned
