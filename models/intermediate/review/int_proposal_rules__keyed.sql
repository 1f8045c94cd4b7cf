-- What makes a review propose something, with the keys that facts are matched by.
with

proposal_rules as (
    select * from {{ seed('proposal_rules') }}
),

keyed as (
    select
        {{ match_key('rule') }} as rule,
        metric,
        threshold,
        min_count,
        most,
        {{ match_key('owner_source') }} as owner_source,
        sentence
    from proposal_rules
)

select * from keyed
