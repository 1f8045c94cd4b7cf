-- A row is an account whose engagement is not the marketing touches of its people in the last 90
-- days, or that has such touches and no engagement. A company that excludes accounts may lack some.
with

reached as (
    select
        people.account_id,
        count(*) as touch_count
    from {{ ref('fct_touches') }} as touches
    inner join {{ ref('dim_people') }} as people
        on touches.person_id = people.person_id
    where
        touches.is_marketing
        and touches.touched_at > {{ plus_days(as_of_at(), -90) }}
    group by people.account_id
),

engaged as (
    select
        account_id,
        touches_30_days + touches_60_days_before as touch_count
    from {{ ref('account_engagement') }}
)

select
    engaged.account_id,
    engaged.touch_count as engaged_count,
    reached.touch_count
from engaged
left join reached
    on engaged.account_id = reached.account_id
where
    reached.touch_count is null
    or engaged.touch_count != reached.touch_count
union all
select
    reached.account_id,
    null as engaged_count,
    reached.touch_count
from reached
inner join {{ ref('dim_accounts') }} as accounts
    on reached.account_id = accounts.account_id
where
    not exists (
        select 1
        from engaged
        where reached.account_id = engaged.account_id
    )
    and not exists (
        select 1
        from {{ seed('exclusions', 'exclusions') }}
        where exclusions.record_type = 'account'
    )
