-- Which channel brought each person: that of marketing's first touch if it came in time to make the
-- person an MQL, else that of the lead source, else that of the first touch of any team.
with

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

first_touches as (
    select * from {{ ref('int_people__first_touches') }}
),

lead_source_channels as (
    select * from {{ seed('lead_source_channels') }}
),

spellings as (
    select * from {{ ref('int_channels__spelled') }}
),

named as (
    select
        journeys.person_id,
        coalesce(
            case
                when
                    first_touches.first_marketing_touched_at <= journeys.mql_at
                    or journeys.mql_at is null
                    then first_touches.first_marketing_channel
            end,
            lead_source_channels.channel,
            first_touches.first_channel,
            'unknown'
        ) as channel
    from journeys
    inner join people
        on journeys.person_id = people.person_id
    left join first_touches
        on journeys.person_id = first_touches.person_id
    left join lead_source_channels
        on
            {{ match_key('people.lead_source') }}
            = {{ match_key('lead_source_channels.lead_source') }}
),

channels as (
    select
        named.person_id,
        coalesce(spellings.channel, named.channel) as channel
    from named
    left join spellings
        on {{ match_key('named.channel') }} = spellings.channel_key
)

select * from channels
