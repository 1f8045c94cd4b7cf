-- One row per headline number that a later run reported differently for the same as-of day.
with

reported as (
    select * from {{ ref('reported_numbers') }}
),

compared as (
    select
        as_of_date,
        metric,
        reported_at,
        reported_count,
        reported_amount,
        definitions_version,
        code_version,
        lag(reported_at) over (partition by as_of_date, metric order by reported_at)
            as previous_reported_at,
        lag(reported_count) over (partition by as_of_date, metric order by reported_at)
            as previous_reported_count,
        lag(reported_amount) over (partition by as_of_date, metric order by reported_at)
            as previous_reported_amount,
        lag(definitions_version) over (partition by as_of_date, metric order by reported_at)
            as previous_definitions_version,
        lag(code_version) over (partition by as_of_date, metric order by reported_at)
            as previous_code_version
    from reported
),

restated as (
    select
        as_of_date,
        metric,
        previous_reported_at,
        reported_at as restated_at,
        previous_reported_count as old_count,
        reported_count as new_count,
        previous_reported_amount as old_amount,
        reported_amount as new_amount,
        case
            when definitions_version != previous_definitions_version then 'definition_changed'
            when code_version != previous_code_version then 'code_changed'
            else 'data_arrived_late'
        end as cause
    from compared
    where
        previous_reported_at is not null
        and (
            reported_count != previous_reported_count
            or reported_amount != previous_reported_amount
        )
)

select * from restated
