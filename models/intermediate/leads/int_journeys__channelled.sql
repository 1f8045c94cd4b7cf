-- What brought each person: the channel of marketing's first touch, if it came in time to make
-- the person an MQL; else of whatever touch came first.
with

staged as (
    select * from {{ ref('int_journeys__staged') }}
),

first_touched as (
    select * from {{ ref('int_people__touched') }}
),

channelled as (
    select
        staged.person_id,
        coalesce(
            case
                when
                    first_touched.first_marketing_touched_at <= staged.mql_at
                    or staged.mql_at is null
                    then first_touched.first_marketing_channel
            end,
            first_touched.first_channel,
            'unknown'
        ) as channel
    from staged
    left join first_touched
        on staged.person_id = first_touched.person_id
)

select * from channelled
