-- Why sales rejected a person, in the CRM's own words: the reason on the CRM lead whose rejection
-- is the first, chosen as the rejection of a journey is. Current: what the lead says today.
with

crm_leads as (
    select * from {{ ref('crm_leads') }}
),

lead_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'lead'
),

journeys as (
    select * from {{ ref('int_journeys__stages') }}
    where rejected_at is not null
),

-- What the log of a merged lead says is its master's.
rejections as (
    select
        reached.person_id,
        coalesce(lead_merges.surviving_record_id, reached.record_id) as lead_id,
        reached.arrived_at,
        reached.is_imputed
    from {{ ref('int_lead_stages__reached') }} as reached
    left join lead_merges
        on reached.record_id = lead_merges.record_id
    where reached.record_type = 'lead' and reached.lifecycle_stage = 'rejected'
),

ranked as (
    select
        rejections.person_id,
        rejections.lead_id,
        row_number() over (
            partition by rejections.person_id
            order by
                case when rejections.arrived_at >= journeys.mql_at then 0 else 1 end,
                case when rejections.is_imputed then 1 else 0 end,
                rejections.arrived_at,
                rejections.lead_id
        ) as rejection_rank
    from rejections
    inner join journeys
        on rejections.person_id = journeys.person_id
),

reasons as (
    select
        journeys.person_id,
        coalesce(nullif(trim(crm_leads.rejection_reason), ''), 'not_given') as rejection_reason
    from journeys
    left join ranked
        on
            journeys.person_id = ranked.person_id
            and ranked.rejection_rank = 1
    left join crm_leads
        on ranked.lead_id = crm_leads.lead_id
)

select * from reasons
