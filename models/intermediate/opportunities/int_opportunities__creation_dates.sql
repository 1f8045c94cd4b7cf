-- When each opportunity was really created, and which rows cannot be opportunities at all.
with

opportunities as (
    select * from {{ ref('crm_opportunities') }}
),

history as (
    select * from {{ ref('crm_opportunity_history') }}
    where created_at is not null
),

field_changes as (
    select * from {{ ref('int_opportunity_changes__of_fields') }}
),

seen as (
    select * from {{ ref('int_opportunity_created_dates__first_seen') }}
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

-- The field history stands in only where there is no stage log.
first_history as (
    select
        opportunity_id,
        'stages' as history_log,
        min(created_at) as first_history_at
    from history
    group by opportunity_id
    union all
    select
        opportunity_id,
        'fields' as history_log,
        min(changed_at) as first_history_at
    from field_changes
    group by opportunity_id
),

dated as (
    select
        opportunities.opportunity_id,
        coalesce(account_merges.surviving_record_id, opportunities.account_id) as account_id,
        opportunities.account_id as crm_account_id,
        opportunities.opportunity_name,
        opportunities.stage_name,
        opportunities.amount,
        coalesce(opportunities.currency, '{{ var("corporate_currency") }}') as currency,
        opportunities.probability_percent,
        opportunities.close_date,
        opportunities.forecast_category,
        opportunities.created_at as crm_created_at,
        opportunities.last_modified_at,
        opportunities.created_by_id,
        opportunities.owner_id,
        opportunities.opportunity_type,
        opportunities.lead_source,
        opportunities.pipeline_source,
        opportunities.campaign_id,
        opportunities.is_recycled,
        opportunities.cloned_from_id,
        opportunities.close_reason,
        first_history.history_log,
        first_history.first_history_at,
        -- The earliest of whatever dates it.
        {{ least_known(
            'opportunities.created_at', 'seen.created_at', 'first_history.first_history_at'
        ) }} as first_created_at
    from opportunities
    left join first_history
        on opportunities.opportunity_id = first_history.opportunity_id
    left join seen
        on opportunities.opportunity_id = seen.opportunity_id
    left join account_merges
        on opportunities.account_id = account_merges.record_id
),

reasoned as (
    select
        *,
        case
            when stage_name is null then 'no_stage'
            when first_created_at is null then 'no_date'
        end as set_aside_reason,
        coalesce(
            {{ business_date('crm_created_at') }}
            > {{ date_plus_days(
                business_date('first_created_at'), var('re_date_tolerance_days')
            ) }},
            false
        ) as is_re_dated,
        coalesce(first_created_at <= {{ as_of_at() }}, false) as is_created_by_as_of
    from dated
)

select * from reasoned
