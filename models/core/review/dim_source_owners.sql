-- One row per source that somebody answers for.
with

source_owners as (
    select * from {{ seed('source_owners') }}
),

-- The e-mail address stays out of what is published.
named as (
    select
        {{ match_key('pipeline_source') }} as pipeline_source,
        {{ masked('trim(owner)') }} as owner
    from source_owners
)

select * from named
