-- The touches that fall within the window of a deal whose person they reached, whether or not the
-- deal is excluded at as-of: on an earlier day it may not have been. A view: on millions of touches
-- a second copy costs seconds.
{{ config(materialized="view") }}
with

-- A touch counts from the lookback before the deal began until the deal closed.
opportunities as (
    select
        opportunity_id,
        first_created_at,
        {{ plus_days('first_created_at', -1 * var('attribution_lookback_days')) }} as counts_from
    from {{ ref('dim_opportunities') }}
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
    where valid_to is null
),

linked as (
    select * from {{ ref('int_opportunity_people__by_role_or_account') }}
),

touches as (
    select * from {{ ref('fct_touches') }}
),

windows as (
    select
        linked.opportunity_id,
        linked.person_id,
        linked.reached_by,
        linked.linked_at,
        opportunities.first_created_at,
        opportunities.counts_from,
        coalesce(closings.closed_at, {{ as_of_at() }}) as counts_until
    from linked
    inner join opportunities
        on linked.opportunity_id = opportunities.opportunity_id
    left join closings
        on linked.opportunity_id = closings.opportunity_id
),

counted as (
    select
        windows.opportunity_id,
        touches.touch_id,
        touches.person_id,
        touches.touched_at,
        {{ greatest_known('touches.known_at', 'windows.linked_at') }} as known_at,
        touches.is_marketing,
        windows.reached_by,
        case
            when touches.touched_at <= windows.first_created_at then 'before_creation'
            else 'after_creation'
        end as phase
    from windows
    inner join touches
        on
            windows.person_id = touches.person_id
            and windows.counts_from <= touches.touched_at
            and windows.counts_until >= touches.touched_at
)

select * from counted
