-- Each deal that was open at the end of a past day, or may make one a duplicate, as a run as of
-- that day saw it: state, source, motion and qualification of then. Excluded ones are in no number.
-- A view: what is kept of it are counts and the few duplicates, not days times deals.
{{ config(materialized=view_read_often()) }}
with

days as (
    select * from {{ ref('dim_history_days') }}
),

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__dated') }}
),

qualifications as (
    select * from {{ ref('int_qualifications__dated') }}
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
    where stage_group = 'won'
),

type_versions as (
    select * from {{ ref('fct_opportunity_field_spells') }}
    where field = 'type'
),

opportunity_types as (
    select * from {{ ref('opportunity_types') }}
),

qualified as (
    select
        qualifications.opportunity_id,
        opportunities.account_id,
        qualifications.amount_at_qualification,
        qualifications.currency_at_qualification,
        opportunities.first_created_at
    from qualifications
    inner join opportunities
        on qualifications.opportunity_id = opportunities.opportunity_id
),

-- Deals that some day may have counted as one another's duplicates.
paired as (
    select distinct qualified.opportunity_id
    from qualified
    inner join qualified as others
        on
            qualified.account_id = others.account_id
            and qualified.amount_at_qualification = others.amount_at_qualification
            and qualified.currency_at_qualification = others.currency_at_qualification
            and {{ are_created_together('qualified', 'others') }}
    where qualified.opportunity_id != others.opportunity_id
),

held as (
    select
        days.date_day,
        days.day_ended_at,
        days.quarter_start_date,
        spells.*
    from days
    inner join spells
        on
            days.day_ended_at > spells.valid_from
            and (days.day_ended_at <= spells.valid_to or spells.valid_to is null)
    where
        (
            spells.stage_group = 'open'
            or exists (
                select 1
                from paired
                where spells.opportunity_id = paired.opportunity_id
            )
        )
        and not exists (
            select 1
            from exclusions
            where
                spells.opportunity_id = exclusions.opportunity_id
                and exclusions.valid_from < days.day_ended_at
                and exclusions.valid_to >= days.day_ended_at
        )
),

typed as (
    select
        held.*,
        opportunities.account_id,
        opportunities.first_created_at,
        sources.pipeline_source,
        sources.source_known_at,
        qualifications.qualified_at,
        qualifications.amount_at_qualification,
        qualifications.currency_at_qualification,
        opportunity_types.motion as typed_motion
    from held
    inner join opportunities
        on held.opportunity_id = opportunities.opportunity_id
    inner join sources
        on
            held.opportunity_id = sources.opportunity_id
            and held.day_ended_at > sources.valid_from
            and (held.day_ended_at <= sources.valid_to or sources.valid_to is null)
    left join qualifications
        on
            held.opportunity_id = qualifications.opportunity_id
            and sources.valid_from = qualifications.valid_from
            and held.day_ended_at > qualifications.qualified_at
    left join type_versions
        on
            held.opportunity_id = type_versions.opportunity_id
            and held.day_ended_at > type_versions.valid_from
            and held.day_ended_at <= type_versions.valid_to
    left join opportunity_types
        on
            {{ match_key(
                'case when type_versions.opportunity_id is not null then type_versions.value'
                ~ ' else opportunities.opportunity_type end'
            ) }} = {{ match_key('opportunity_types.type') }}
),

-- Where the type says nothing: whether the account had bought, as was known then.
asked_accounts as (
    select distinct account_id
    from typed
    where typed_motion is null
),

first_wins as (
    select
        days.date_day,
        opportunities.account_id,
        min(closings.closed_at) as first_won_at
    from closings
    inner join opportunities
        on closings.opportunity_id = opportunities.opportunity_id
    inner join asked_accounts
        on opportunities.account_id = asked_accounts.account_id
    inner join days
        on
            closings.valid_from < days.day_ended_at
            and (closings.valid_to >= days.day_ended_at or closings.valid_to is null)
    where
        not exists (
            select 1
            from exclusions
            where
                closings.opportunity_id = exclusions.opportunity_id
                and exclusions.valid_from < days.day_ended_at
                and exclusions.valid_to >= days.day_ended_at
        )
    group by days.date_day, opportunities.account_id
),

recalled as (
    select
        typed.date_day,
        typed.day_ended_at,
        typed.quarter_start_date,
        typed.opportunity_id,
        typed.account_id,
        typed.first_created_at,
        coalesce(
            typed.typed_motion,
            case
                when first_wins.first_won_at < typed.first_created_at then 'expansion'
                else 'new_business'
            end
        ) as motion,
        typed.pipeline_source,
        typed.stage_group,
        typed.is_late_stage,
        typed.is_stage_met,
        typed.amount as deal_amount,
        typed.currency,
        typed.close_date,
        typed.probability,
        typed.qualified_at,
        typed.amount_at_qualification,
        typed.currency_at_qualification,
        case
            when not typed.is_stage_met then 'stage'
            when typed.requires_amount and not typed.is_amount_met then 'amount'
            when typed.requires_close_date and not typed.is_close_date_met then 'close_date'
            when typed.requires_source and typed.source_known_at is null then 'source'
            when typed.requires_decision_maker and not typed.is_decision_maker_met
                then 'decision_maker'
        end as failing_criterion
    from typed
    left join first_wins
        on
            typed.date_day = first_wins.date_day
            and typed.account_id = first_wins.account_id
)

select * from recalled
