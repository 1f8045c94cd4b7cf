-- Who answers for a source; the address stays out of what is published.
with

source_owners as (
    select * from {{ ref('source_owners') }}
),

named as (
    select
        {{ match_key('pipeline_source') }} as pipeline_source,
        {{ masked('trim(owner)') }} as owner
    from source_owners
)

select * from named
