-- The first touch that each person ever had, and the first of marketing's.
with

touches as (
    select * from {{ ref('fct_touches') }}
),

-- Millions of touches are reduced to two instants a person before anything is sorted.
first_instants as (
    select
        person_id,
        min(touched_at) as first_touched_at,
        min(case when is_marketing then touched_at end) as first_marketing_touched_at
    from touches
    group by person_id
),

candidates as (
    select
        touches.person_id,
        touches.channel,
        touches.is_marketing,
        touches.touched_at,
        touches.touch_id
    from first_instants
    inner join touches
        on
            first_instants.person_id = touches.person_id
            and touches.touched_at
            in (first_instants.first_touched_at, first_instants.first_marketing_touched_at)
),

ranked as (
    select
        *,
        row_number() over (
            partition by person_id
            order by touched_at, touch_id
        ) as touch_rank,
        row_number() over (
            partition by person_id, is_marketing
            order by touched_at, touch_id
        ) as team_rank
    from candidates
),

first_touches as (
    select
        person_id,
        max(case when touch_rank = 1 then touched_at end) as first_touched_at,
        max(case when touch_rank = 1 then channel end) as first_channel,
        max(case when is_marketing and team_rank = 1 then touched_at end)
            as first_marketing_touched_at,
        max(case when is_marketing and team_rank = 1 then channel end) as first_marketing_channel
    from ranked
    group by person_id
)

select * from first_touches
