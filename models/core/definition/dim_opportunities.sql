-- One row per opportunity that exists at as-of: created by then, and not set aside.
with

crm_values as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

dated as (
    select
        opportunity_id,
        account_id,
        first_created_at,
        is_recycled,
        first_history_at is not null as has_history,
        -- The CRM's value of today was that of as-of only if the deal was last modified by then.
        case
            when last_modified_at <= {{ as_of_at() }} or last_modified_at is null
                then probability_percent
        end as probability_percent
    from crm_values
)

select * from dated
