-- The opportunities that are duplicates as of each day, as-of included, each with its original.
-- A duplicate of a duplicate is none: those that resemble another one are judged one after another,
-- each against the originals found so far.
with recursive

comparable as (
    select * from {{ ref('int_opportunities__by_day') }}
    where
        qualified_at is not null
        and not is_excluded
        and account_id is not null
        and amount_at_qualification is not null
        and currency_at_qualification is not null
        and '{{ var("duplicate_match") }}' = 'account_and_amount'
),

states as (
    select * from {{ ref('fct_opportunity_states') }}
    where stage_group = 'lost'
),

-- An original that was already lost when this one qualified is not competed with.
pairs as (
    select
        later.date_day,
        later.opportunity_id,
        earlier.opportunity_id as earlier_opportunity_id
    from comparable as later
    inner join comparable as earlier
        on
            later.date_day = earlier.date_day
            and {{ resembles('earlier', 'later') }}
            and {{ came_before('earlier', 'later') }}
            and {{ are_created_together('earlier', 'later') }}
    where
        not exists (
            select 1
            from states
            where
                earlier.opportunity_id = states.opportunity_id
                and later.qualified_at >= states.valid_from
                and (later.qualified_at < states.valid_to or states.valid_to is null)
        )
),

paired as (
    select
        date_day,
        opportunity_id
    from pairs
    union distinct
    select
        date_day,
        earlier_opportunity_id as opportunity_id
    from pairs
),

earlier_lists as (
    select
        date_day,
        opportunity_id,
        array_agg(earlier_opportunity_id) as earlier_opportunity_ids
    from pairs
    group by date_day, opportunity_id
),

{%- set kind = [
    'date_day', 'account_id', 'motion', 'amount_at_qualification', 'currency_at_qualification'
] %}

queued as (
    select
        {%- for column in kind %}
        comparable.{{ column }},
        {%- endfor %}
        comparable.opportunity_id,
        comparable.stage_group,
        comparable.qualified_at,
        comparable.first_created_at,
        earlier_lists.earlier_opportunity_ids,
        row_number() over (
            partition by
                comparable.date_day,
                comparable.account_id,
                comparable.motion,
                comparable.amount_at_qualification,
                comparable.currency_at_qualification
            order by
                comparable.qualified_at, comparable.first_created_at, comparable.opportunity_id
        ) as queue_number
    from comparable
    inner join paired
        on
            comparable.date_day = paired.date_day
            and comparable.opportunity_id = paired.opportunity_id
    left join earlier_lists
        on
            comparable.date_day = earlier_lists.date_day
            and comparable.opportunity_id = earlier_lists.opportunity_id
),

judged as (
    {{ judged_in_turn('queued', kind) }}
),

ranked as (
    select
        pairs.date_day,
        pairs.opportunity_id,
        pairs.earlier_opportunity_id as original_opportunity_id,
        queued.stage_group as original_stage_group,
        row_number() over (
            partition by pairs.date_day, pairs.opportunity_id
            order by queued.queue_number
        ) as original_rank
    from pairs
    inner join judged
        on
            pairs.date_day = judged.date_day
            and pairs.opportunity_id = judged.opportunity_id
    inner join judged as originals
        on
            pairs.date_day = originals.date_day
            and pairs.earlier_opportunity_id = originals.opportunity_id
    inner join queued
        on
            pairs.date_day = queued.date_day
            and pairs.earlier_opportunity_id = queued.opportunity_id
    where judged.is_duplicate and not originals.is_duplicate
),

duplicates as (
    select
        date_day,
        opportunity_id,
        original_opportunity_id,
        original_stage_group = 'open' as is_original_open
    from ranked
    where original_rank = 1
)

select * from duplicates
