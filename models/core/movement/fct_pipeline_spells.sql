-- One row per stretch of an opportunity in which it was in the one reconciled pipeline.
with

qualified_spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where is_qualified
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

-- Whether a deal is a duplicate is decided as of as-of, whatever day is asked: a deal that is found
-- out to be one did not leave the pipeline on that day.
duplicates as (
    select
        opportunity_id,
        verdict_evidence as original_opportunity_id
    from {{ ref('fct_opportunities') }}
    where verdict = 'duplicate'
),

open_states as (
    select * from {{ ref('fct_opportunity_states') }}
    where stage_group = 'open'
),

-- What keeps a qualified deal out: an exclusion, or an original that is itself open.
blocks as (
    select
        opportunity_id,
        valid_from,
        valid_to
    from exclusions
    union all
    select
        duplicates.opportunity_id,
        open_states.valid_from,
        coalesce(open_states.valid_to, cast('9999-12-31' as timestamp)) as valid_to
    from duplicates
    inner join open_states
        on duplicates.original_opportunity_id = open_states.opportunity_id
),

-- Every instant at which a deal can enter or leave: where a stretch or a block begins or ends.
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
        {{ business_date('pieces.cut_at') }} as valid_from_date,
        {{ business_date('coalesce(pieces.next_cut_at, qualified_spells.valid_to)') }}
            as valid_to_date,
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
