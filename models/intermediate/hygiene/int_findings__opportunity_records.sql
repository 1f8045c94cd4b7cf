{{ config(materialized="view") }}
-- What cannot be read, converted or relied on in the record of a deal, excluded deals included:
-- a finding about the CRM rather than about the seller. One select per rule; they are in one model
-- because each is a few lines over what other models have already worked out.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

crm_opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

crm_rows as (
    select * from {{ ref('crm_opportunities') }}
),

history as (
    select * from {{ ref('crm_opportunity_history') }}
    where created_at <= {{ as_of_at() }}
),

missing_exchange_rates as (
    select
        opportunity_id,
        'missing_exchange_rate' as rule,
        'no rate for ' || currency || ' on the day it is needed' as detail
    from opportunities
    where
        (deal_amount is not null and amount is null)
        or (amount_at_qualification is not null and created_amount is null)
),

unknown_stages as (
    select
        opportunity_id,
        'unknown_stage' as rule,
        coalesce(latest_unknown_stage, '(none)') as detail
    from opportunities
    where
        has_unknown_stage
        -- A stage that a deal went through on its way to a closing of long ago is not where it is.
        and {{ is_deal_in_reach('opportunities') }}
),

changed_sources as (
    select
        opportunity_id,
        'source_changed' as rule,
        'lead source is ' || coalesce(lead_source, '(none)')
        || ' now, the deal stays ' || pipeline_source as detail
    from opportunities
    where is_source_changed
),

impossible_amounts as (
    select
        opportunity_id,
        'amount_out_of_bounds' as rule,
        'the amount has more than 16 digits before the point, and is taken for none' as detail
    from crm_rows
    where is_amount_beyond_money
),

without_history as (
    select
        opportunity_id,
        'no_history' as rule,
        'the CRM kept no history of it' as detail
    from crm_opportunities
    where first_history_at is null
),

without_stage_log as (
    select
        opportunity_id,
        'no_stage_log' as rule,
        'its states are those of the field history' as detail
    from crm_opportunities
    where history_log = 'fields'
),

probabilities as (
    select
        opportunity_id,
        cast(probability_percent as decimal(18, 6)) as probability_percent
    from crm_opportunities
    -- The CRM's value of today was that of as-of only if the deal was last modified by then.
    where last_modified_at <= {{ as_of_at() }} or last_modified_at is null
    union all
    select
        opportunity_id,
        cast(probability_percent as decimal(18, 6)) as probability_percent
    from history
),

impossible_probabilities as (
    select
        opportunity_id,
        'probability_out_of_range' as rule,
        'highest '
        || cast(cast(max(probability_percent) as decimal(18, 2)) as {{ dbt.type_string() }})
        || ', lowest '
        || cast(cast(min(probability_percent) as decimal(18, 2)) as {{ dbt.type_string() }})
            as detail
    from probabilities
    where probability_percent not between 0 and 100
    group by opportunity_id
),

-- Of each pair the original and its duplicate, and what has become of them.
duplicate_pairs as (
    select
        duplicates.opportunity_id as duplicate_id,
        duplicates.stage_group as duplicate_stage_group,
        originals.opportunity_id as original_id,
        originals.stage_group as original_stage_group
    from opportunities as duplicates
    inner join opportunities as originals
        on duplicates.verdict_evidence = originals.opportunity_id
    where duplicates.verdict = 'duplicate'
),

duplicate_deals as (
    select
        duplicate_id as opportunity_id,
        'duplicate_deal' as rule,
        original_id as detail
    from duplicate_pairs
    where duplicate_stage_group = 'open' and original_stage_group in ('open', 'won')
    union all
    select
        original_id as opportunity_id,
        'duplicate_deal' as rule,
        min(duplicate_id) as detail
    from duplicate_pairs
    where original_stage_group = 'open' and duplicate_stage_group = 'won'
    group by original_id
),

unioned as (
    select * from missing_exchange_rates
    union all
    select * from unknown_stages
    union all
    select * from changed_sources
    union all
    select * from impossible_amounts
    union all
    select * from without_history
    union all
    select * from without_stage_log
    union all
    select * from impossible_probabilities
    union all
    select * from duplicate_deals
),

found as (
    select
        'opportunity' as record_type,
        unioned.opportunity_id as record_id,
        unioned.rule,
        unioned.detail,
        opportunities.owner_id
    from unioned
    inner join opportunities
        on unioned.opportunity_id = opportunities.opportunity_id
)

select * from found
