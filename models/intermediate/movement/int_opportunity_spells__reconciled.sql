-- When each deal was in the one reconciled pipeline: qualified, not excluded, and not the
-- duplicate of a deal that was itself open. Of any day, membership is a look-up.
with

qualified_spells as (
    select * from {{ ref('int_opportunity_spells__judged') }}
    where failing_criterion is null
),

exclusions as (
    select * from {{ ref('int_exclusions__dated') }}
),

duplicated as (
    select * from {{ ref('int_opportunities__duplicated') }}
),

states as (
    select * from {{ ref('int_opportunity_states__built') }}
    where stage_group = 'open'
),

blocks as (
    select
        opportunity_id,
        valid_from,
        valid_to
    from exclusions
    union all
    select
        duplicated.opportunity_id,
        states.valid_from,
        coalesce(states.valid_to, cast('9999-12-31' as timestamp)) as valid_to
    from duplicated
    inner join states
        on duplicated.original_opportunity_id = states.opportunity_id
),

cuts as (
    select
        opportunity_id,
        valid_from as spell_from,
        valid_from as cut_at
    from qualified_spells
    {%- for edge in ['valid_from', 'valid_to'] %}
    union distinct
    select
        qualified_spells.opportunity_id,
        qualified_spells.valid_from as spell_from,
        blocks.{{ edge }} as cut_at
    from qualified_spells
    inner join blocks
        on qualified_spells.opportunity_id = blocks.opportunity_id
    where
        blocks.{{ edge }} > qualified_spells.valid_from
        and (
            blocks.{{ edge }} < qualified_spells.valid_to
            or qualified_spells.valid_to is null
        )
        and blocks.{{ edge }} <= {{ as_of_at() }}
    {%- endfor %}
),

pieces as (
    select
        opportunity_id,
        spell_from,
        cut_at,
        lead(cut_at) over (
            partition by opportunity_id, spell_from
            order by cut_at
        ) as next_cut_at
    from cuts
),

reconciled as (
    select
        pieces.opportunity_id,
        pieces.cut_at as valid_from,
        coalesce(pieces.next_cut_at, qualified_spells.valid_to) as valid_to,
        qualified_spells.stage,
        qualified_spells.stage_order,
        qualified_spells.amount,
        qualified_spells.currency,
        qualified_spells.close_date,
        qualified_spells.probability
    from pieces
    inner join qualified_spells
        on
            pieces.opportunity_id = qualified_spells.opportunity_id
            and pieces.spell_from = qualified_spells.valid_from
    where not exists (
        select 1
        from blocks
        where
            pieces.opportunity_id = blocks.opportunity_id
            and pieces.cut_at >= blocks.valid_from
            and pieces.cut_at < blocks.valid_to
    )
)

select * from reconciled
