-- One row per opportunity that exists at as-of: created by then, and not set aside.
with

crm_values as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

existing as (
    select
        opportunity_id,
        account_id,
        {{ withheld('opportunity_name') }} as opportunity_name,
        first_created_at,
        is_recycled,
        first_history_at is not null as has_history
    from crm_values
)

select * from existing
