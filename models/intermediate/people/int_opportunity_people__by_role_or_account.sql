-- Whose touches can count for a deal: the people in its contact roles, and those of its account.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

contact_roles as (
    select * from {{ ref('crm_contact_roles') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

contact_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'contact'
),

people as (
    select * from {{ ref('int_people__created') }}
),

in_roles as (
    select
        opportunities.opportunity_id,
        contact_records.person_id,
        min(
            greatest(
                contact_records.identified_at,
                coalesce(contact_roles.created_at, cast('0001-01-01' as timestamp))
            )
        ) as linked_at
    from opportunities
    inner join contact_roles
        on opportunities.opportunity_id = contact_roles.opportunity_id
    inner join contact_records
        on contact_roles.contact_id = contact_records.record_id
    group by opportunities.opportunity_id, contact_records.person_id
),

of_account as (
    select
        opportunities.opportunity_id,
        people.person_id,
        coalesce(people.contact_created_at, cast('0001-01-01' as timestamp)) as linked_at
    from opportunities
    inner join people
        on opportunities.account_id = people.account_id
),

-- A person who is linked in both ways has been so since the earlier of the two.
linked as (
    select
        in_roles.opportunity_id,
        in_roles.person_id,
        'contact_role' as reached_by,
        {{ least_known('in_roles.linked_at', 'of_account.linked_at') }} as linked_at
    from in_roles
    left join of_account
        on
            in_roles.opportunity_id = of_account.opportunity_id
            and in_roles.person_id = of_account.person_id
    union all
    select
        opportunity_id,
        person_id,
        'account' as reached_by,
        linked_at
    from of_account
    where not exists (
        select 1
        from in_roles
        where
            of_account.opportunity_id = in_roles.opportunity_id
            and of_account.person_id = in_roles.person_id
    )
)

select * from linked
