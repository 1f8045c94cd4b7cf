-- What each CRM lead was converted into by as-of. A conversion without a date holds for as long as
-- the lead exists. Of a lead that was merged into another only creation and log are read.
with

crm_leads as (
    select * from {{ ref('crm_leads') }}
    where
        is_converted
        and (converted_at <= {{ as_of_at() }} or converted_at is null)
),

lead_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'lead'
),

converted as (
    select
        lead_id,
        converted_at,
        converted_contact_id as contact_id,
        converted_opportunity_id as opportunity_id
    from crm_leads
    where not exists (
        select 1
        from lead_merges
        where crm_leads.lead_id = lead_merges.record_id
    )
)

select * from converted
