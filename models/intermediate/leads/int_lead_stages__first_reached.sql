-- When each lead of CRM and MAP first reached each lifecycle stage, with the person it stands for.
with

statuses as (
    select
        system,
        record_type,
        record_id,
        {{ match_key('status') }} as status_key,
        arrived_at,
        is_imputed
    from {{ ref('int_lead_statuses__history') }}
),

lifecycle_statuses as (
    select
        {{ match_key('system') }} as system,
        {{ match_key('raw_status') }} as status_key,
        {{ match_key('lifecycle_stage') }} as lifecycle_stage
    from {{ ref('lifecycle_statuses') }}
),

records as (
    select * from {{ ref('int_people__records') }}
),

first_reached as (
    select
        records.person_id,
        statuses.record_type,
        statuses.record_id,
        lifecycle_statuses.lifecycle_stage,
        min(statuses.arrived_at) as arrived_at,
        min(case when not statuses.is_imputed then statuses.arrived_at end) as logged_at
    from statuses
    inner join lifecycle_statuses
        on
            statuses.system = lifecycle_statuses.system
            and statuses.status_key = lifecycle_statuses.status_key
    inner join records
        on
            statuses.record_type = records.record_type
            and statuses.record_id = records.record_id
    group by
        records.person_id, statuses.record_type, statuses.record_id,
        lifecycle_statuses.lifecycle_stage
)

select * from first_reached
