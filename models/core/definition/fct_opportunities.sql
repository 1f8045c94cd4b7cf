-- One row per opportunity that exists at as-of, with its verdict, source and place in the views.
with

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

fields as (
    select * from {{ ref('int_opportunity_fields__as_of') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

verdicts as (
    select * from {{ ref('int_opportunities__verdicts') }}
),

at_as_of as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

views as (
    select * from {{ ref('int_opportunity_views__by_day') }}
    where date_day = {{ as_of_date() }}
),

influenced as (
    select * from {{ ref('fct_influenced_opportunities') }}
),

successors as (
    select * from {{ ref('int_opportunity_successors__spells') }}
    where valid_to is null and successor_opportunity_id is not null
),

joined as (
    select
        opportunities.opportunity_id,
        opportunities.account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        fields.owner_id,
        coalesce(users.team, 'other') as owner_team,
        verdicts.motion,
        sources.pipeline_source,
        sources.source_rule,
        sources.source_value,
        sources.source_known_at,
        sources.is_source_changed,
        fields.lead_source,
        opportunities.crm_created_at,
        {{ business_date('opportunities.crm_created_at') }} as crm_created_date,
        opportunities.first_created_at,
        {{ business_date('opportunities.first_created_at') }} as first_created_date,
        opportunities.is_re_dated,
        verdicts.qualified_at,
        {{ business_date('verdicts.qualified_at') }} as qualified_date,
        verdicts.verdict,
        verdicts.verdict_reason,
        verdicts.verdict_evidence,
        verdicts.verdict = 'net_new' as is_net_new,
        verdicts.amount_at_qualification,
        verdicts.close_date_at_qualification,
        verdicts.created_amount,
        at_as_of.deal_amount,
        at_as_of.currency,
        at_as_of.amount,
        at_as_of.stage,
        at_as_of.stage_order,
        at_as_of.stage_group,
        at_as_of.is_late_stage,
        at_as_of.has_unknown_stage,
        at_as_of.latest_unknown_stage,
        at_as_of.probability,
        at_as_of.close_date,
        at_as_of.closed_at,
        at_as_of.close_day,
        fields.close_reason,
        successors.successor_opportunity_id,
        coalesce(succeeding.stage_group, at_as_of.stage_group) as outcome_stage_group,
        case
            when succeeding.opportunity_id is not null then succeeding.closed_at
            else at_as_of.closed_at
        end as outcome_closed_at,
        case
            when succeeding.opportunity_id is not null then succeeding.close_day
            else at_as_of.close_day
        end as outcome_close_day,
        case
            when succeeding.opportunity_id is not null then succeeding_fields.close_reason
            else fields.close_reason
        end as outcome_reason,
        case
            when succeeding.opportunity_id is not null then succeeding.amount
            else at_as_of.amount
        end as outcome_amount,
        cast(at_as_of.push_count as bigint) as push_count,
        case when at_as_of.stage_group = 'open' then at_as_of.failing_criterion end
            as failing_criterion,
        influenced.opportunity_id is not null and verdicts.verdict != 'excluded' as is_influenced,
        coalesce(influenced.is_influenced_by_role and verdicts.verdict != 'excluded', false)
            as is_influenced_by_role,
        case when verdicts.verdict != 'excluded' then influenced.influenced_at end
            as influenced_at,
        verdicts.verdict = 'excluded' as is_excluded,
        -- A deal that was entered twice and won twice was won once.
        at_as_of.stage_group = 'won'
        and verdicts.verdict != 'excluded'
        and not (
            verdicts.verdict = 'duplicate' and coalesce(originals.stage_group = 'won', false)
        ) as is_won_once,
        views.is_duplicate_of_open,
        views.is_closing_in_quarter,
        views.is_in_marketing,
        views.is_in_sales,
        views.is_in_expansion,
        views.is_in_forecast,
        views.is_in_reconciled,
        {{ weighted('at_as_of.amount', 'at_as_of.probability') }} as weighted_amount
    from opportunities
    inner join fields
        on opportunities.opportunity_id = fields.opportunity_id
    inner join sources
        on opportunities.opportunity_id = sources.opportunity_id
    inner join verdicts
        on opportunities.opportunity_id = verdicts.opportunity_id
    inner join at_as_of
        on opportunities.opportunity_id = at_as_of.opportunity_id
    inner join views
        on opportunities.opportunity_id = views.opportunity_id
    left join at_as_of as originals
        on verdicts.verdict_evidence = originals.opportunity_id
    left join successors
        on opportunities.opportunity_id = successors.opportunity_id
    left join at_as_of as succeeding
        on successors.successor_opportunity_id = succeeding.opportunity_id
    left join fields as succeeding_fields
        on successors.successor_opportunity_id = succeeding_fields.opportunity_id
    left join accounts
        on opportunities.account_id = accounts.account_id
    left join users
        on fields.owner_id = users.user_id
    left join influenced
        on opportunities.opportunity_id = influenced.opportunity_id
)

select * from joined
