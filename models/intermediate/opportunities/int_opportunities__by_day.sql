-- Each opportunity at the end of a day, as a run as of that day sees it: state, source, motion and
-- qualification. As-of is one of the days. Of the past ones, only opportunities are kept that were
-- open then, or that may make another one a duplicate; of as-of, every one is.
with

days as (
    select * from {{ ref('dim_history_days') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__spells') }}
),

qualifications as (
    select * from {{ ref('int_opportunity_qualifications__by_source') }}
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
    where stage_group = 'won'
),

type_spells as (
    select * from {{ ref('int_opportunity_fields__spells') }}
    where field = 'type'
),

opportunity_types as (
    select * from {{ seed('opportunity_types') }}
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

-- Opportunities that on some day may count as duplicates of one another.
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

excluded as (
    select distinct
        days.date_day,
        exclusions.opportunity_id
    from days
    inner join exclusions
        on {{ held_at_end_of_day('exclusions', 'days.day_ended_at') }}
),

held as (
    select
        days.date_day,
        days.day_ended_at,
        days.quarter_start_date,
        spells.*
    from days
    inner join spells
        on {{ held_at_end_of_day('spells', 'days.day_ended_at') }}
    where
        spells.stage_group = 'open'
        or days.date_day = {{ as_of_date() }}
        or exists (
            select 1
            from paired
            where spells.opportunity_id = paired.opportunity_id
        )
),

typed as (
    select
        held.*,
        opportunities.account_id,
        opportunities.first_created_at,
        excluded.opportunity_id is not null as is_excluded,
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
            and {{ held_at_end_of_day('sources', 'held.day_ended_at') }}
    left join excluded
        on
            held.date_day = excluded.date_day
            and held.opportunity_id = excluded.opportunity_id
    left join qualifications
        on
            held.opportunity_id = qualifications.opportunity_id
            and sources.valid_from = qualifications.valid_from
            and held.day_ended_at > qualifications.qualified_at
    left join type_spells
        on
            held.opportunity_id = type_spells.opportunity_id
            and {{ held_at_end_of_day('type_spells', 'held.day_ended_at') }}
    left join opportunity_types
        on
            {{ match_key(
                'case when type_spells.opportunity_id is not null then type_spells.value'
                ~ ' else opportunities.opportunity_type end'
            ) }} = {{ match_key('opportunity_types.type') }}
),

-- Where the type says nothing: whether the account had bought, as far as was known then.
accounts_in_question as (
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
    inner join accounts_in_question
        on opportunities.account_id = accounts_in_question.account_id
    inner join days
        on {{ held_at_end_of_day('closings', 'days.day_ended_at') }}
    where
        not exists (
            select 1
            from excluded
            where
                closings.opportunity_id = excluded.opportunity_id
                and days.date_day = excluded.date_day
        )
    group by days.date_day, opportunities.account_id
),

judged as (
    select
        *,
        {{ first_failing_criterion(is_source_met='source_known_at is not null') }}
            as criterion_failing_then
    from typed
),

by_day as (
    select
        judged.date_day,
        judged.day_ended_at,
        judged.quarter_start_date,
        judged.opportunity_id,
        judged.account_id,
        judged.first_created_at,
        judged.is_excluded,
        coalesce(
            judged.typed_motion,
            case
                when first_wins.first_won_at < judged.first_created_at then 'expansion'
                else 'new_business'
            end
        ) as motion,
        judged.pipeline_source,
        judged.stage_group,
        judged.is_late_stage,
        judged.is_stage_met,
        judged.amount as deal_amount,
        judged.currency,
        judged.close_date,
        judged.probability,
        judged.qualified_at,
        judged.amount_at_qualification,
        judged.currency_at_qualification,
        judged.criterion_failing_then as failing_criterion
    from judged
    left join first_wins
        on
            judged.date_day = first_wins.date_day
            and judged.account_id = first_wins.account_id
)

select * from by_day
