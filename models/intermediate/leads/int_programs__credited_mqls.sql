-- What each program of the MAP brought. An MQL is credited once, to the program that the person
-- joined last before becoming one, so that the programs' MQLs add up and can be planned with.
with

programs as (
    select * from {{ ref('stg_marketo__programs') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

memberships as (
    select * from {{ ref('stg_marketo__program_memberships') }}
    where joined_at <= {{ as_of_at() }}
),

lead_records as (
    select * from {{ ref('int_people__records') }}
    where record_type = 'map_lead'
),

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

members as (
    select
        memberships.program_id,
        lead_records.person_id,
        memberships.joined_at,
        journeys.mql_at,
        coalesce(
            memberships.joined_at <= journeys.mql_at
            and memberships.joined_at
            >= {{ plus_days('journeys.mql_at', -1 * var('attribution_lookback_days')) }},
            false
        ) as is_in_time
    from memberships
    inner join lead_records
        on memberships.map_lead_id = lead_records.record_id
    inner join journeys
        on lead_records.person_id = journeys.person_id
    inner join programs
        on memberships.program_id = programs.program_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by person_id, is_in_time
            order by joined_at desc, program_id asc
        ) as membership_rank
    from members
),

counted as (
    select
        program_id,
        count(distinct person_id) as member_count,
        sum(case when is_in_time and membership_rank = 1 then 1 else 0 end) as mql_count
    from ranked
    group by program_id
),

credited as (
    select
        programs.program_id,
        programs.program_name,
        coalesce(programs.channel, 'unknown') as channel,
        programs.program_type,
        programs.status,
        programs.start_date,
        programs.end_date,
        coalesce(counted.member_count, 0) as member_count,
        cast(coalesce(counted.mql_count, 0) as bigint) as mql_count
    from programs
    left join counted
        on programs.program_id = counted.program_id
)

select * from credited
