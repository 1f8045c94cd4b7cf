-- Findings from run to run: what is found again keeps the day it was first seen; what is not
-- found any more is closed, and stays on record.
with

found as (
    select * from {{ ref('int_findings__found') }}
),

carried as (
    select * from {{ ref('stg_carried__findings') }}
),

open_findings as (
    select
        found.record_type,
        found.record_id,
        found.rule,
        found.detail,
        found.owner_id,
        least({{ as_of_date() }}, carried.first_seen) as first_seen,
        greatest({{ as_of_date() }}, carried.last_seen) as last_seen,
        true as is_open
    from found
    left join carried
        on
            found.record_type = carried.record_type
            and found.record_id = carried.record_id
            and found.rule = carried.rule
),

closed_findings as (
    select
        carried.record_type,
        carried.record_id,
        carried.rule,
        carried.detail,
        carried.owner_id,
        carried.first_seen,
        carried.last_seen,
        false as is_open
    from carried
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
    select * from open_findings
    union all
    select * from closed_findings
)

select * from tracked
