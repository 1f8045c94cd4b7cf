-- Each arrival of a record of CRM or MAP at a stage of the lifecycle, with the person behind it.
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
    where arrived_at is not null
),

lifecycle_statuses as (
    select
        {{ match_key('system') }} as system,
        {{ match_key('raw_status') }} as status_key,
        {{ match_key('lifecycle_stage') }} as lifecycle_stage
    from {{ seed('lifecycle_statuses') }}
),

records as (
    select * from {{ ref('int_people__records') }}
),

reached as (
    select
        records.person_id,
        statuses.record_type,
        statuses.record_id,
        lifecycle_statuses.lifecycle_stage,
        statuses.arrived_at,
        statuses.is_imputed
    from statuses
    inner join lifecycle_statuses
        on
            statuses.system = lifecycle_statuses.system
            and statuses.status_key = lifecycle_statuses.status_key
    inner join records
        on
            statuses.record_type = records.record_type
            and statuses.record_id = records.record_id
)

select * from reached
