-- When each lead of CRM and MAP first came to each lifecycle stage, with the person it stands for.
with

dated as (
    select
        system,
        record_type,
        record_id,
        {{ match_key('status') }} as status_key,
        arrived_at,
        is_imputed
    from {{ ref('int_lead_statuses__dated') }}
),

lifecycle_statuses as (
    select
        {{ match_key('system') }} as system,
        {{ match_key('raw_status') }} as status_key,
        {{ match_key('lifecycle_stage') }} as lifecycle_stage
    from {{ ref('lifecycle_statuses') }}
),

people as (
    select * from {{ ref('int_people__identified') }}
),

mapped as (
    select
        people.person_id,
        dated.record_type,
        dated.record_id,
        lifecycle_statuses.lifecycle_stage,
        min(dated.arrived_at) as arrived_at,
        min(case when not dated.is_imputed then dated.arrived_at end) as logged_at
    from dated
    inner join lifecycle_statuses
        on
            dated.system = lifecycle_statuses.system
            and dated.status_key = lifecycle_statuses.status_key
    inner join people
        on
            dated.record_type = people.record_type
            and dated.record_id = people.record_id
    group by
        people.person_id, dated.record_type, dated.record_id, lifecycle_statuses.lifecycle_stage
)

select * from mapped
