-- The latest opportunity of the same account and motion that was lost shortly before this one was
-- created.
with

comparable as (
    select * from {{ ref('int_opportunities__by_day') }}
    where
        date_day = {{ as_of_date() }}
        and qualified_at is not null
        and not is_excluded
        and account_id is not null
),

names as (
    select
        opportunity_id,
        {{ match_key('opportunity_name') }} as name_key
    from {{ ref('crm_opportunities') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
    where valid_to is null and stage_group = 'lost'
),

duplicates as (
    select * from {{ ref('int_opportunity_duplicates__by_day') }}
    where date_day = {{ as_of_date() }}
),

succeeded as (
    select * from {{ ref('int_opportunity_successors__spells') }}
    where valid_to is null and successor_opportunity_id is not null
),

named as (
    select
        comparable.opportunity_id,
        comparable.account_id,
        comparable.motion,
        comparable.first_created_at,
        names.name_key,
        closings.closed_at as lost_at
    from comparable
    left join names
        on comparable.opportunity_id = names.opportunity_id
    left join closings
        on comparable.opportunity_id = closings.opportunity_id
),

lost as (
    select * from named
    where
        lost_at is not null
        and '{{ var("recycle_match") }}' != 'off'
        and not exists (
            select 1
            from duplicates
            where named.opportunity_id = duplicates.opportunity_id
        )
        and not exists (
            select 1
            from succeeded
            where named.opportunity_id = succeeded.opportunity_id
        )
),

candidates as (
    select
        named.opportunity_id,
        lost.opportunity_id as lost_opportunity_id,
        row_number() over (
            partition by named.opportunity_id
            order by lost.lost_at desc, lost.opportunity_id asc
        ) as loss_rank
    from named
    inner join lost
        on
            named.account_id = lost.account_id
            and named.motion = lost.motion
            and named.first_created_at > lost.lost_at
            and lost.lost_at
            >= {{ plus_days('named.first_created_at', -1 * var('recycle_window_days')) }}
            and (
                '{{ var("recycle_match") }}' != 'account_and_name'
                or named.name_key = lost.name_key
            )
),

lost_before as (
    select
        opportunity_id,
        lost_opportunity_id
    from candidates
    where loss_rank = 1
)

select * from lost_before
