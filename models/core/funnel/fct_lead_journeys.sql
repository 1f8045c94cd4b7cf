-- One row per person, with when they first reached each stage of the lifecycle.
{%- set stages = lifecycle_line() + lifecycle_asides() %}
with

journeys as (
    select * from {{ ref('int_journeys__stages') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

channels as (
    select * from {{ ref('int_journeys__channel') }}
),

paths as (
    select * from {{ ref('int_journeys__path') }}
),

rejection_reasons as (
    select * from {{ ref('int_people__rejection_reasons') }}
),

joined as (
    select
        journeys.person_id,
        people.account_id,
        people.segment,
        channels.channel,
        paths.path,
        journeys.opportunity_id,
        journeys.stage_reached,
        {%- for stage in stages %}
        journeys.{{ stage }}_at,
        {%- endfor %}
        {%- for stage in stages %}
        journeys.is_{{ stage }}_imputed,
        {%- endfor %}
        rejection_reasons.rejection_reason,
        -- A person whom sales rejected and accepted later counts as accepted. A rejection before
        -- the person became an MQL was about something else.
        case
            when journeys.mql_at is null then null
            when journeys.sal_at is not null then 'accepted'
            when journeys.rejected_at >= journeys.mql_at then 'rejected'
            when journeys.recycled_at >= journeys.mql_at then 'recycled'
            else 'undecided'
        end as mql_disposition,
        people.is_in_crm,
        people.is_in_map
    from journeys
    inner join people
        on journeys.person_id = people.person_id
    inner join channels
        on journeys.person_id = channels.person_id
    inner join paths
        on journeys.person_id = paths.person_id
    left join rejection_reasons
        on journeys.person_id = rejection_reasons.person_id
)

select * from joined
