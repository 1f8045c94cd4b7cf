-- Which channel brought each person: that of marketing's first touch if it came in time to make the
-- person an MQL, else that of the first touch of any team.
with

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

first_touches as (
    select * from {{ ref('int_people__first_touches') }}
),

channels as (
    select
        journeys.person_id,
        coalesce(
            case
                when
                    first_touches.first_marketing_touched_at <= journeys.mql_at
                    or journeys.mql_at is null
                    then first_touches.first_marketing_channel
            end,
            first_touches.first_channel,
            'unknown'
        ) as channel
    from journeys
    left join first_touches
        on journeys.person_id = first_touches.person_id
)

select * from channels
