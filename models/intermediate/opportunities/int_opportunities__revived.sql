-- The latest deal of the same account and motion that was lost shortly before this one began.
with

comparable as (
    select * from {{ ref('int_opportunities__comparable') }}
    where account_id is not null
),

duplicated as (
    select * from {{ ref('int_opportunities__duplicated') }}
),

lost as (
    select * from comparable
    where
        stage_group = 'lost'
        and '{{ var("recycle_match") }}' != 'off'
        and not exists (
            select 1
            from duplicated
            where comparable.opportunity_id = duplicated.opportunity_id
        )
),

candidates as (
    select
        comparable.opportunity_id,
        lost.opportunity_id as lost_opportunity_id,
        row_number() over (
            partition by comparable.opportunity_id
            order by lost.closed_at desc, lost.opportunity_id asc
        ) as loss_rank
    from comparable
    inner join lost
        on
            comparable.account_id = lost.account_id
            and comparable.motion = lost.motion
            and comparable.first_created_at > lost.closed_at
            and lost.closed_at
            >= {{ plus_days('comparable.first_created_at', -1 * var('recycle_window_days')) }}
            and (
                '{{ var("recycle_match") }}' != 'account_and_name'
                or comparable.opportunity_name_key = lost.opportunity_name_key
            )
),

revived as (
    select
        opportunity_id,
        lost_opportunity_id
    from candidates
    where loss_rank = 1
)

select * from revived
