-- Won deals that no marketing touch counts for, though the MAP recorded activity of one of their
-- people, or of anybody at their account, while a touch could have counted: tracking has a gap
-- there.
with

-- Of the MAP's own people alone a record is a `map_lead`; any of its activities tells, whether or
-- not it is of a type that counts.
activities as (
    select * from {{ ref('int_interactions__all_systems') }}
    where record_type = 'map_lead'
),

map_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'map_lead'
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__by_role_or_account') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

untouched as (
    select
        opportunity_id,
        account_id,
        closed_at,
        {{ plus_days('first_created_at', -1 * var('attribution_lookback_days')) }} as counts_from
    from {{ ref('fct_opportunities') }}
    where stage_group = 'won' and not is_influenced
),

reached as (
    select
        untouched.opportunity_id,
        untouched.counts_from,
        untouched.closed_at,
        opportunity_people.person_id
    from untouched
    inner join opportunity_people
        on untouched.opportunity_id = opportunity_people.opportunity_id
    union distinct
    select
        untouched.opportunity_id,
        untouched.counts_from,
        untouched.closed_at,
        people.person_id
    from untouched
    inner join people
        on untouched.account_id = people.account_id
),

seen as (
    select distinct reached.opportunity_id
    from reached
    inner join map_records
        on reached.person_id = map_records.person_id
    inner join activities
        on
            map_records.record_id = activities.record_id
            and reached.counts_from <= activities.touched_at
            and reached.closed_at >= activities.touched_at
)

select * from seen
