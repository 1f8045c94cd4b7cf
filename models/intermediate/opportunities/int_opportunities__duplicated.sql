-- A duplicate of a duplicate is none. So the deals that resemble another are taken one by one, in
-- their order, each against the originals found so far; accounts and amounts side by side.
with recursive

pairs as (
    select * from {{ ref('int_opportunity_pairs__resembling') }}
),

comparable as (
    select * from {{ ref('int_opportunities__comparable') }}
),

paired as (
    select opportunity_id from pairs
    union distinct
    select earlier_opportunity_id as opportunity_id from pairs
),

earlier_lists as (
    select
        opportunity_id,
        array_agg(earlier_opportunity_id) as earlier_opportunity_ids
    from pairs
    group by opportunity_id
),

queued as (
    select
        comparable.opportunity_id,
        comparable.account_id,
        comparable.motion,
        comparable.amount_at_qualification,
        comparable.currency_at_qualification,
        earlier_lists.earlier_opportunity_ids,
        row_number() over (
            partition by
                comparable.account_id,
                comparable.motion,
                comparable.amount_at_qualification,
                comparable.currency_at_qualification
            order by
                comparable.qualified_at, comparable.first_created_at, comparable.opportunity_id
        ) as queue_number
    from comparable
    inner join paired
        on comparable.opportunity_id = paired.opportunity_id
    left join earlier_lists
        on comparable.opportunity_id = earlier_lists.opportunity_id
),

judged as (
    {{ judged_in_turn('queued', [
        'account_id', 'motion', 'amount_at_qualification', 'currency_at_qualification'
    ]) }}
),

duplicates as (
    select opportunity_id from judged
    where is_duplicate
),

candidates as (
    select
        pairs.opportunity_id,
        pairs.earlier_opportunity_id as original_opportunity_id,
        row_number() over (
            partition by pairs.opportunity_id
            order by
                comparable.qualified_at, comparable.first_created_at, comparable.opportunity_id
        ) as original_rank
    from pairs
    inner join duplicates
        on pairs.opportunity_id = duplicates.opportunity_id
    inner join comparable
        on pairs.earlier_opportunity_id = comparable.opportunity_id
    where not exists (
        select 1
        from duplicates as earlier_duplicates
        where pairs.earlier_opportunity_id = earlier_duplicates.opportunity_id
    )
),

duplicated as (
    select
        opportunity_id,
        original_opportunity_id
    from candidates
    where original_rank = 1
)

select * from duplicated
