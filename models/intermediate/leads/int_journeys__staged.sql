-- When each person reached each stage of the lifecycle. A journey only goes forward: whoever is
-- at a later stage has come through the earlier ones by then, so that an earlier stage which no
-- record dates, or only dates afterwards, takes the date of the next one reached and is imputed.
{%- set line = ['inquiry', 'mql', 'sal', 'sql', 'opportunity'] %}
{%- set arrivals = line + ['won', 'lost', 'renewal', 'rejected', 'recycled'] %}
with

people as (
    select * from {{ ref('int_people__arrived') }}
),

statuses as (
    select * from {{ ref('int_lead_statuses__mapped') }}
),

crm_leads as (
    select * from {{ ref('stg_salesforce__leads') }}
    where converted_at <= {{ as_of_at() }}
),

identified as (
    select * from {{ ref('int_people__identified') }}
    where record_type = 'lead'
),

joined as (
    select * from {{ ref('int_opportunity_people__joined') }}
),

judged as (
    select * from {{ ref('int_opportunities__verdicts') }}
    where verdict != 'excluded'
),

presented as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

deals as (
    select
        joined.person_id,
        joined.opportunity_id,
        joined.joined_at,
        presented.stage_group,
        presented.closed_at,
        judged.motion = 'renewal' as is_renewal,
        row_number() over (
            partition by joined.person_id, judged.motion = 'renewal'
            order by joined.joined_at, joined.opportunity_id
        ) as deal_number
    from joined
    inner join judged
        on joined.opportunity_id = judged.opportunity_id
    inner join presented
        on joined.opportunity_id = presented.opportunity_id
),

first_deals as (
    select * from deals
    where deal_number = 1
),

-- The first deal of a person is one to be won; a renewal is what comes of a deal that was.
named_deals as (
    select
        person_id,
        coalesce(
            max(case when not is_renewal then opportunity_id end), max(opportunity_id)
        ) as opportunity_id
    from first_deals
    group by person_id
),

unioned as (
    select
        person_id,
        'inquiry' as lifecycle_stage,
        person_created_at as arrived_at,
        person_created_at as logged_at
    from people
    union all
    select
        person_id,
        lifecycle_stage,
        arrived_at,
        logged_at
    from statuses
    union all
    -- Sales converts what it has qualified.
    select
        identified.person_id,
        'sql' as lifecycle_stage,
        crm_leads.converted_at as arrived_at,
        crm_leads.converted_at as logged_at
    from crm_leads
    inner join identified
        on crm_leads.lead_id = identified.record_id
    union all
    select
        person_id,
        case when is_renewal then 'renewal' else 'opportunity' end as lifecycle_stage,
        joined_at as arrived_at,
        joined_at as logged_at
    from first_deals
    union all
    -- Whoever is put on a deal once it is closed arrives there then.
    select
        person_id,
        stage_group as lifecycle_stage,
        {{ greatest_known('closed_at', 'joined_at') }} as arrived_at,
        {{ greatest_known('closed_at', 'joined_at') }} as logged_at
    from first_deals
    where not is_renewal and stage_group in ('won', 'lost')
),

arrived as (
    select
        {%- for stage in arrivals %}
        min(case when lifecycle_stage = '{{ stage }}' then arrived_at end)
            as {{ stage }}_arrived_at,
        min(case when lifecycle_stage = '{{ stage }}' then logged_at end)
            as {{ stage }}_logged_at,
        {%- endfor %}
        person_id
    from unioned
    group by person_id
),

-- A renewal without a close before it means that the deal was won, whoever was on it.
closed as (
    select
        *,
        case
            when
                renewal_arrived_at < {{ least_known('won_arrived_at', 'lost_arrived_at') }}
                or (won_arrived_at is null and lost_arrived_at is null)
                then renewal_arrived_at
            when won_arrived_at <= lost_arrived_at or lost_arrived_at is null then won_arrived_at
        end as won_at
    from arrived
),

reached_5 as (
    select
        *,
        case when won_at is null then lost_arrived_at end as lost_at,
        {{ least_known(
            'opportunity_arrived_at',
            'won_at',
            'case when won_at is null then lost_arrived_at end'
        ) }} as opportunity_at
    from closed
),

{%- for stage in (line | reverse | list)[1:] %}
reached_{{ 5 - loop.index }} as (
    select
        *,
        {{ least_known(stage ~ '_arrived_at', line[5 - loop.index] ~ '_at') }} as {{ stage }}_at
    from reached_{{ 6 - loop.index }}
),
{% endfor %}
staged as (
    select
        reached_1.person_id,
        named_deals.opportunity_id,
        case
            when reached_1.renewal_arrived_at is not null then 'renewal'
            when reached_1.won_at is not null then 'won'
            when reached_1.lost_at is not null then 'lost'
            {%- for stage in (line | reverse | list)[:-1] %}
            when reached_1.{{ stage }}_at is not null then '{{ stage }}'
            {%- endfor %}
            else 'inquiry'
        end as stage_reached,
        {%- for stage in line + ['won', 'lost'] %}
        reached_1.{{ stage }}_at,
        {%- endfor %}
        {%- for stage in line + ['won', 'lost'] %}
        coalesce(
            reached_1.{{ stage }}_logged_at != reached_1.{{ stage }}_at,
            reached_1.{{ stage }}_at is not null
        ) as is_{{ stage }}_imputed,
        {%- endfor %}
        {%- for stage in ['renewal', 'rejected', 'recycled'] %}
        coalesce(
            reached_1.{{ stage }}_logged_at != reached_1.{{ stage }}_arrived_at,
            reached_1.{{ stage }}_arrived_at is not null
        ) as is_{{ stage }}_imputed,
        {%- endfor %}
        reached_1.renewal_arrived_at as renewal_at,
        reached_1.rejected_arrived_at as rejected_at,
        reached_1.recycled_arrived_at as recycled_at
    from reached_1
    left join named_deals
        on reached_1.person_id = named_deals.person_id
)

select * from staged
