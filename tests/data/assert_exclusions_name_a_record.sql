-- A row is an exclusion that names no deal or account that is there at as-of: a mistyped id, or a
-- record that is gone. What it was meant to leave out is still counted.
{{ config(meta={'rule': 'exclusion_of_nothing', 'record_type': 'exclusion'}) }}
-- It only warns: an exclusion may outlive its record, and leaving a row in the seed does no harm.
{{ config(severity='warn') }}

select
    exclusions.record_id,
    'it names no ' || exclusions.record_type || ' that is there' as detail
from {{ ref('dim_exclusions') }} as exclusions
left join {{ ref('fct_opportunities') }} as opportunities
    on
        exclusions.record_type = 'opportunity'
        and exclusions.record_id = opportunities.opportunity_id
left join {{ ref('crm_accounts') }} as accounts
    on
        exclusions.record_type = 'account'
        and exclusions.record_id = accounts.account_id
        and (accounts.created_at <= {{ as_of_at() }} or accounts.created_at is null)
where opportunities.opportunity_id is null and accounts.account_id is null
