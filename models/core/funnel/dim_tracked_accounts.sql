-- One row per account of which the MAP recorded any activity up to as-of.
-- If a deal of one is won without a marketing touch, the tracking probably has a gap.
with

activities as (
    select * from {{ ref('stg_marketo__activities') }}
    where occurred_at <= {{ as_of_at() }}
),

map_leads as (
    select * from {{ ref('stg_marketo__leads') }}
),

map_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'map_lead'
),

people as (
    select * from {{ ref('int_people__created') }}
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

active_leads as (
    select distinct map_lead_id from activities
),

accounts as (
    select coalesce(map_leads.crm_account_id, people.account_id) as account_id
    from active_leads
    left join map_leads
        on active_leads.map_lead_id = map_leads.map_lead_id
    left join map_records
        on active_leads.map_lead_id = map_records.record_id
    left join people
        on map_records.person_id = people.person_id
),

with_map_activity as (
    select distinct coalesce(account_merges.surviving_record_id, accounts.account_id) as account_id
    from accounts
    left join account_merges
        on accounts.account_id = account_merges.record_id
    where accounts.account_id is not null
)

select * from with_map_activity
