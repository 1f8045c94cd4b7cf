-- Each stretch in which an original was lost while a duplicate of it was won or open, with the
-- duplicate that succeeds it: a won one before an open one. Which deals are duplicates is known
-- at as-of; what became of them is asked of every day.
with

duplicates as (
    select * from {{ ref('int_opportunity_duplicates__by_day') }}
    where date_day = {{ as_of_date() }}
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

lost as (
    select * from states
    where
        stage_group = 'lost'
        and exists (
            select 1
            from duplicates
            where states.opportunity_id = duplicates.original_opportunity_id
        )
),

duplicate_states as (
    select
        lost.opportunity_id,
        lost.valid_from as lost_from,
        lost.valid_to as lost_to,
        states.opportunity_id as duplicate_opportunity_id,
        states.stage_group,
        opportunities.first_created_at,
        states.valid_from,
        states.valid_to
    from lost
    inner join duplicates
        on lost.opportunity_id = duplicates.original_opportunity_id
    inner join opportunities
        on duplicates.opportunity_id = opportunities.opportunity_id
    inner join states
        on
            duplicates.opportunity_id = states.opportunity_id
            and (lost.valid_to > states.valid_from or lost.valid_to is null)
            and (lost.valid_from < states.valid_to or states.valid_to is null)
),

cuts as (
    select
        opportunity_id,
        lost_from,
        lost_to,
        lost_from as spell_from
    from duplicate_states
    union distinct
    select
        opportunity_id,
        lost_from,
        lost_to,
        valid_from as spell_from
    from duplicate_states
    where valid_from > lost_from
),

bounded as (
    select
        opportunity_id,
        lost_from,
        spell_from,
        coalesce(
            lead(spell_from) over (partition by opportunity_id, lost_from order by spell_from),
            lost_to
        ) as spell_to
    from cuts
),

ranked as (
    select
        bounded.*,
        duplicate_states.duplicate_opportunity_id,
        duplicate_states.stage_group,
        duplicate_states.valid_from as state_from,
        row_number() over (
            partition by bounded.opportunity_id, bounded.spell_from
            order by
                case when duplicate_states.stage_group = 'won' then 1 else 2 end,
                duplicate_states.first_created_at,
                duplicate_states.duplicate_opportunity_id
        ) as successor_rank
    from bounded
    left join duplicate_states
        on
            bounded.opportunity_id = duplicate_states.opportunity_id
            and bounded.lost_from = duplicate_states.lost_from
            and duplicate_states.stage_group in ('won', 'open')
            and bounded.spell_from >= duplicate_states.valid_from
            and (
                bounded.spell_from < duplicate_states.valid_to
                or duplicate_states.valid_to is null
            )
),

spells as (
    select
        opportunity_id,
        spell_from as valid_from,
        spell_to as valid_to,
        lost_from as state_from,
        duplicate_opportunity_id as successor_opportunity_id,
        stage_group as successor_stage_group,
        state_from as successor_state_from
    from ranked
    where successor_rank = 1
)

select * from spells
