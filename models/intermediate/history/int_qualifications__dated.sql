-- Since when each deal was qualified, as it was seen while the source rules gave one answer: a
-- source that is corrected within its grace period may move the instant.
with

sources as (
    select * from {{ ref('int_opportunity_sources__dated') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where
        is_stage_met
        and (is_amount_met or not requires_amount)
        and (is_close_date_met or not requires_close_date)
        and (is_decision_maker_met or not requires_decision_maker)
),

met as (
    select
        sources.opportunity_id,
        sources.valid_from,
        sources.valid_to,
        case
            when spells.requires_source
                then {{ greatest_known('spells.valid_from', 'sources.source_known_at') }}
            else spells.valid_from
        end as qualified_at,
        spells.amount as amount_at_qualification,
        spells.currency as currency_at_qualification
    from sources
    inner join spells
        on sources.opportunity_id = spells.opportunity_id
    where
        not spells.requires_source
        or sources.source_known_at < spells.valid_to
        or (sources.source_known_at is not null and spells.valid_to is null)
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id, valid_from
            order by qualified_at
        ) as qualification_rank
    from met
),

dated as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        qualified_at,
        amount_at_qualification,
        currency_at_qualification
    from ranked
    where qualification_rank = 1
)

select * from dated
