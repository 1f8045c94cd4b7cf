-- A row is an open deal whose owner is unknown to the CRM or not active in it.
{{ config(meta={'rule': 'open_deal_without_owner', 'record_type': 'opportunity'}) }}
-- It only warns: who owns a deal changes no number, but nobody acts on its findings.
{{ config(severity='warn') }}

select
    opportunities.opportunity_id as record_id,
    case
        when opportunities.owner_id is null then 'it has no owner'
        when users.user_id is null then 'its owner is unknown to the CRM'
        else 'its owner is not active'
    end as detail
from {{ ref('fct_opportunities') }} as opportunities
left join {{ ref('dim_users') }} as users
    on opportunities.owner_id = users.user_id
where
    opportunities.stage_group = 'open'
    and not opportunities.is_excluded
    and (users.user_id is null or not users.is_active)
