-- What each program of the MAP brought, and each campaign of the CRM that is none of them. An MQL
-- is credited once, to the one that the person joined last before becoming one, so that the
-- programs' MQLs add up and can be planned with.
with

campaigns as (
    select * from {{ ref('dim_campaigns') }}
),

touch_types as (
    select
        system,
        {{ match_key('raw_type') }} as raw_type_key,
        channel
    from {{ seed('touch_types') }}
),

campaign_members as (
    select * from {{ ref('crm_campaign_members') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

memberships as (
    select * from {{ ref('map_program_memberships') }}
),

records as (
    select * from {{ ref('int_people__records') }}
),

journeys as (
    select
        person_id,
        mql_at
    from {{ ref('int_journeys__stages') }}
    where not is_mql_imputed
),

-- A campaign that a program names is told by that program.
programs as (
    select
        campaigns.campaign_id as program_id,
        campaigns.system,
        campaigns.campaign_name as program_name,
        coalesce(campaigns.channel, exact_types.channel, wildcard_types.channel, 'unknown')
            as channel,
        campaigns.campaign_type as program_type,
        campaigns.status,
        campaigns.start_date,
        campaigns.end_date
    from campaigns
    left join touch_types as exact_types
        on
            campaigns.system = exact_types.system
            and {{ match_key("'campaign:' || coalesce(trim(campaigns.campaign_type), '')") }}
            = exact_types.raw_type_key
    left join touch_types as wildcard_types
        on
            campaigns.system = wildcard_types.system
            and wildcard_types.raw_type_key = 'campaign:*'
    where
        not exists (
            select 1
            from campaigns as naming
            where
                naming.system != campaigns.system
                and naming.reported_campaign_id = campaigns.campaign_id
        )
),

joined as (
    select
        system,
        program_id,
        'map_lead' as record_type,
        map_lead_id as record_id,
        joined_at
    from memberships
    union all
    select
        system,
        campaign_id as program_id,
        case when contact_id is not null then 'contact' else 'lead' end as record_type,
        coalesce(contact_id, lead_id) as record_id,
        case
            when has_responded and first_responded_at <= {{ as_of_at() }} then first_responded_at
            else created_at
        end as joined_at
    from campaign_members
),

members as (
    select
        programs.system,
        programs.program_id,
        records.person_id,
        joined.joined_at,
        coalesce(
            joined.joined_at <= journeys.mql_at
            and joined.joined_at
            >= {{ plus_days('journeys.mql_at', -1 * var('attribution_lookback_days')) }},
            false
        ) as is_in_time
    from joined
    inner join programs
        on joined.system = programs.system and joined.program_id = programs.program_id
    inner join records
        on joined.record_type = records.record_type and joined.record_id = records.record_id
    left join journeys
        on records.person_id = journeys.person_id
    where joined.joined_at <= {{ as_of_at() }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by person_id, is_in_time
            order by joined_at desc, program_id desc
        ) as membership_rank
    from members
),

counted as (
    select
        system,
        program_id,
        count(distinct person_id) as member_count,
        sum(case when is_in_time and membership_rank = 1 then 1 else 0 end) as mql_count
    from ranked
    group by system, program_id
),

credited as (
    select
        programs.program_id,
        programs.program_name,
        programs.channel,
        programs.program_type,
        programs.status,
        programs.start_date,
        programs.end_date,
        coalesce(counted.member_count, 0) as member_count,
        cast(coalesce(counted.mql_count, 0) as bigint) as mql_count
    from programs
    left join counted
        on programs.system = counted.system and programs.program_id = counted.program_id
)

select * from credited
