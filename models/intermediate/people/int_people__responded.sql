-- People who responded to a campaign of the CRM by as-of, whether or not the response is a touch.
with

campaign_members as (
    select
        case when contact_id is not null then 'contact' else 'lead' end as record_type,
        coalesce(contact_id, lead_id) as record_id
    from {{ ref('crm_campaign_members') }}
    where
        has_responded
        and (created_at <= {{ as_of_at() }} or created_at is null)
        and (first_responded_at <= {{ as_of_at() }} or first_responded_at is null)
),

records as (
    select * from {{ ref('int_people__records') }}
),

responded as (
    select distinct records.person_id
    from campaign_members
    inner join records
        on
            campaign_members.record_type = records.record_type
            and campaign_members.record_id = records.record_id
)

select * from responded
