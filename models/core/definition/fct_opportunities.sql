-- One row per opportunity that exists at as-of, with its verdict, source and place in the views.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

fields as (
    select * from {{ ref('int_opportunity_fields__as_of') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

users as (
    select * from {{ ref('int_users__teamed') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

judged as (
    select * from {{ ref('int_opportunities__judged') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

views as (
    select * from {{ ref('int_opportunity_views__by_day') }}
    where date_day = {{ as_of_date() }}
),

influenced as (
    select * from {{ ref('int_opportunities__influenced') }}
),

tracked_accounts as (
    select * from {{ ref('int_accounts__tracked') }}
),

joined as (
    select
        opportunities.opportunity_id,
        opportunities.account_id,
        coalesce(accounts.segment, 'unknown') as segment,
        fields.owner_id,
        coalesce(users.team, 'other') as owner_team,
        judged.motion,
        sources.pipeline_source,
        sources.source_rule,
        sources.source_value,
        sources.source_known_at,
        opportunities.crm_created_at,
        {{ business_date('opportunities.crm_created_at') }} as crm_created_date,
        opportunities.first_created_at,
        {{ business_date('opportunities.first_created_at') }} as first_created_date,
        opportunities.is_re_dated,
        judged.qualified_at,
        {{ business_date('judged.qualified_at') }} as qualified_date,
        judged.verdict,
        judged.verdict_reason,
        judged.verdict_evidence,
        judged.verdict = 'net_new' as is_net_new,
        judged.created_amount,
        presented.amount,
        presented.stage,
        presented.stage_order,
        presented.stage_group,
        presented.is_late_stage,
        presented.probability,
        presented.close_date,
        presented.closed_at,
        presented.close_day,
        cast(presented.push_count as bigint) as push_count,
        case when presented.stage_group = 'open' then presented.failing_criterion end
            as failing_criterion,
        influenced.opportunity_id is not null as is_influenced,
        influenced.influenced_at,
        judged.verdict = 'excluded' as is_excluded,
        views.is_duplicate_of_open,
        views.is_closing_in_quarter,
        views.is_in_marketing,
        views.is_in_sales,
        views.is_in_expansion,
        views.is_in_forecast,
        views.is_in_reconciled,
        {{ weighted('presented.amount', 'presented.probability') }} as weighted_amount,
        tracked_accounts.account_id is not null as has_map_activity
    from opportunities
    inner join fields
        on opportunities.opportunity_id = fields.opportunity_id
    inner join sources
        on opportunities.opportunity_id = sources.opportunity_id
    inner join judged
        on opportunities.opportunity_id = judged.opportunity_id
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    inner join views
        on opportunities.opportunity_id = views.opportunity_id
    left join accounts
        on opportunities.account_id = accounts.account_id
    left join users
        on fields.owner_id = users.user_id
    left join influenced
        on opportunities.opportunity_id = influenced.opportunity_id
    left join tracked_accounts
        on opportunities.account_id = tracked_accounts.account_id
)

select * from joined
