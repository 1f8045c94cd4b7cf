-- Findings from run to run: what is found again keeps the day it was first seen; what is no longer
-- found is closed, and stays on record. A run as of an earlier day than a run before it says what
-- was true then; what is open today stays as the later run left it.
with

found as (
    select * from {{ ref('int_findings__found') }}
),

carried as (
    select * from {{ ref('stg_carried__findings') }}
),

reported as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

-- Every published run reports numbers, so the latest day they speak of is that of the latest run.
replayed as (
    select coalesce(max(as_of_date) > {{ as_of_date() }}, false) as is_replay
    from reported
),

found_findings as (
    select
        found.record_type,
        found.record_id,
        found.rule,
        found.detail,
        found.owner_id,
        {{ least_known(as_of_date(), 'carried.first_seen') }} as first_seen,
        -- A deal that is not looked at any more has not been seen since.
        case
            when found.is_in_reach then {{ greatest_known(as_of_date(), 'carried.last_seen') }}
            else coalesce(carried.last_seen, {{ as_of_date() }})
        end as last_seen,
        found.is_in_reach as is_found,
        case
            when replayed.is_replay then coalesce(carried.is_open, false)
            else found.is_in_reach
        end as is_open
    from found
    cross join replayed
    left join carried
        on
            found.record_type = carried.record_type
            and found.record_id = carried.record_id
            and found.rule = carried.rule
),

other_findings as (
    select
        carried.record_type,
        carried.record_id,
        carried.rule,
        -- An earlier run may have quoted what somebody typed.
        case
            when carried.rule = 'unparsed_value' then {{ masked('carried.detail') }}
            else carried.detail
        end as detail,
        carried.owner_id,
        carried.first_seen,
        carried.last_seen,
        false as is_found,
        replayed.is_replay and carried.is_open as is_open
    from carried
    cross join replayed
    where not exists (
        select 1
        from found
        where
            carried.record_type = found.record_type
            and carried.record_id = found.record_id
            and carried.rule = found.rule
    )
),

tracked as (
    select * from found_findings
    union all
    select * from other_findings
)

select * from tracked
