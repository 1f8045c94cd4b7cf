-- Since when each opportunity has been qualified, once for each answer of the source rules: a
-- source that is corrected within its grace period may move the instant. The last answer is that of
-- as-of.
with

sources as (
    select * from {{ ref('int_opportunity_sources__spells') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where {{ first_failing_criterion(is_source_met='true') }} is null
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
        spells.currency as currency_at_qualification,
        spells.close_date as close_date_at_qualification
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

qualified as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        qualified_at,
        amount_at_qualification,
        currency_at_qualification,
        close_date_at_qualification
    from ranked
    where qualification_rank = 1
)

select * from qualified
