-- One row per MQL on whom nobody has decided by as-of.
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
    where not is_mql_imputed and mql_disposition = 'undecided'
),

people as (
    select * from {{ ref('dim_people') }}
),

answered as (
    select * from {{ ref('int_mqls__answered') }}
),

touches as (
    select * from {{ ref('fct_touches') }}
),

-- Only of those who are held: all touches of everybody are a thousand times as many.
last_touches as (
    select
        touches.person_id,
        touches.touched_at,
        touches.touch_kind,
        touches.channel,
        row_number() over (
            partition by touches.person_id
            order by touches.touched_at desc, touches.touch_id desc
        ) as touch_rank
    from journeys
    inner join touches
        on journeys.person_id = touches.person_id
),

held as (
    select
        {{ as_of_date() }} as as_of_date,
        journeys.person_id,
        journeys.account_id,
        journeys.mql_at,
        cast(
            {{ days_between('answered.mql_date', as_of_date()) }} as {{ dbt.type_int() }}
        ) as age_days,
        people.owner_id,
        journeys.channel,
        journeys.segment,
        answered.response_date is not null as is_responded,
        last_touches.touched_at as last_touch_at,
        last_touches.touch_kind as last_touch_kind,
        last_touches.channel as last_touch_channel
    from journeys
    inner join people
        on journeys.person_id = people.person_id
    inner join answered
        on journeys.person_id = answered.person_id
    left join last_touches
        on
            journeys.person_id = last_touches.person_id
            and last_touches.touch_rank = 1
)

select * from held
