-- Since when each opportunity has had a decision maker.
with

contact_roles as (
    select * from {{ ref('crm_contact_roles') }}
),

decision_roles as (
    select * from {{ seed('decision_roles') }}
),

arrived as (
    select
        contact_roles.opportunity_id,
        min(contact_roles.created_at) as decision_maker_at
    from contact_roles
    left join decision_roles
        on {{ match_key('contact_roles.role') }} = {{ match_key('decision_roles.role') }}
    where
        contact_roles.created_at <= {{ as_of_at() }}
        and (contact_roles.is_primary or decision_roles.role is not null)
    group by contact_roles.opportunity_id
)

select * from arrived
