-- One row per system and status that the seed maps or that a person's record had by as-of.
with

records as (
    select * from {{ ref('int_people__records') }}
),

seeded as (
    select
        {{ match_key('system') }} as system,
        {{ match_key('raw_status') }} as status_key,
        trim(raw_status) as status,
        {{ match_key('lifecycle_stage') }} as lifecycle_stage
    from {{ seed('lifecycle_statuses') }}
),

statuses as (
    select * from {{ ref('int_lead_statuses__history') }}
),

had as (
    select
        statuses.system,
        {{ match_key('statuses.status') }} as status_key,
        min(trim(statuses.status)) as status,
        count(distinct statuses.record_type || ':' || statuses.record_id) as record_count
    from statuses
    inner join records
        on
            statuses.record_type = records.record_type
            and statuses.record_id = records.record_id
    where trim(statuses.status) != ''
    group by statuses.system, {{ match_key('statuses.status') }}
),

known as (
    select
        coalesce(seeded.system, had.system) as system,
        coalesce(seeded.status, had.status) as status,
        seeded.lifecycle_stage,
        coalesce(had.record_count, 0) as record_count
    from seeded
    full outer join had
        on
            seeded.system = had.system
            and seeded.status_key = had.status_key
)

select * from known
