-- The roles that contacts have on each deal by as-of, each named once.
with

contact_roles as (
    select distinct
        opportunity_id,
        trim(role) as role
    from {{ ref('crm_contact_roles') }}
    where
        trim(role) != ''
        and (created_at <= {{ as_of_at() }} or created_at is null)
),

listed as (
    select
        opportunity_id,
        {{ dbt.listagg(measure="role", delimiter_text="','", order_by_clause="order by role") }}
            as roles
    from contact_roles
    group by opportunity_id
)

select * from listed
