-- Pairs of deals of which the later would be a duplicate, if the earlier is not one itself.
with

comparable as (
    select * from {{ ref('int_opportunities__comparable') }}
    where
        account_id is not null
        and amount_at_qualification is not null
        and currency_at_qualification is not null
        and '{{ var("duplicate_match") }}' = 'account_and_amount'
),

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

pairs as (
    select
        later.opportunity_id,
        earlier.opportunity_id as earlier_opportunity_id,
        later.qualified_at
    from comparable as later
    inner join comparable as earlier
        on
            {{ resembles('earlier', 'later') }}
            and {{ came_before('earlier', 'later') }}
            and {{ are_created_together('earlier', 'later') }}
),

-- An original that was already lost when this one qualified is not competed with.
living as (
    select
        pairs.opportunity_id,
        pairs.earlier_opportunity_id
    from pairs
    left join states
        on
            pairs.earlier_opportunity_id = states.opportunity_id
            and pairs.qualified_at >= states.valid_from
            and (pairs.qualified_at < states.valid_to or states.valid_to is null)
    where states.stage_group is distinct from 'lost'
)

select * from living
