-- One row per account with a marketing touch in the last 90 days.
with

touches as (
    select * from {{ ref('fct_touches') }}
    where is_marketing and touched_at > {{ plus_days(as_of_at(), -90) }}
),

people as (
    select * from {{ ref('dim_people') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

exclusions as (
    select * from {{ ref('dim_exclusions') }}
    where record_type = 'account'
),

open_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where stage_group = 'open' and not is_excluded and not is_duplicate_of_open
),

reached as (
    select
        people.account_id,
        people.person_id,
        touches.touched_at,
        touches.touched_at > {{ plus_days(as_of_at(), -30) }} as is_within_30_days
    from touches
    inner join people
        on touches.person_id = people.person_id
    where not exists (
        select 1
        from exclusions
        where
            people.account_id = exclusions.record_id
            and {{ held_at_end_of_day('exclusions', day_end(as_of_date())) }}
    )
),

counted as (
    select
        account_id,
        sum(case when is_within_30_days then 1 else 0 end) as touches_30_days,
        sum(case when is_within_30_days then 0 else 1 end) as touches_60_days_before,
        count(distinct case when is_within_30_days then person_id end) as people_30_days,
        count(distinct person_id) as people_90_days,
        max(touched_at) as last_touch_at
    from reached
    group by account_id
),

by_source as (
    select
        account_id,
        pipeline_source,
        count(*) as open_count,
        sum(coalesce(amount, 0)) as open_amount
    from open_opportunities
    group by account_id, pipeline_source
),

open_deals as (
    select
        account_id,
        sum(open_count) as open_count,
        sum(open_amount) as open_amount,
        {{ dbt.listagg(
            measure="pipeline_source",
            delimiter_text="','",
            order_by_clause="order by pipeline_source",
        ) }} as sources
    from by_source
    group by account_id
),

engaged as (
    select
        {{ as_of_date() }} as as_of_date,
        accounts.account_id,
        accounts.segment,
        accounts.owner_id,
        cast(counted.touches_30_days as bigint) as touches_30_days,
        cast(counted.touches_60_days_before as bigint) as touches_60_days_before,
        cast(counted.people_30_days as bigint) as people_30_days,
        cast(counted.people_90_days as bigint) as people_90_days,
        counted.last_touch_at,
        cast(coalesce(open_deals.open_count, 0) as bigint) as open_count,
        cast(coalesce(open_deals.open_amount, 0) as {{ type_money() }}) as open_amount,
        open_deals.sources
    from counted
    inner join accounts
        on counted.account_id = accounts.account_id
    left join open_deals
        on counted.account_id = open_deals.account_id
)

select * from engaged
