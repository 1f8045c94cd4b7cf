-- When each person reached each stage of the lifecycle. A journey only goes forward: a person at a
-- later stage has come through the earlier ones by then. So an earlier stage that no record dates,
-- or that a record dates only afterwards, takes the date of the next stage reached and is imputed.
{%- set to_deal = lifecycle_line()[:-2] %}
{%- set back_from_deal = to_deal | reverse | list %}
{%- set ends = ['won', 'lost'] %}
with

people as (
    select * from {{ ref('int_people__created') }}
),

arrivals as (
    select * from {{ ref('int_journeys__arrivals') }}
),

-- What a record dates goes before what is inferred, be it later.
first_arrivals as (
    select
        person_id,
        {%- for stage in to_deal + ends + ['renewal'] %}
        coalesce(
            min(case when lifecycle_stage = '{{ stage }}' and not is_imputed then arrived_at end),
            min(case when lifecycle_stage = '{{ stage }}' then arrived_at end)
        ) as {{ stage }}_arrived_at,
        min(case when lifecycle_stage = '{{ stage }}' and not is_imputed then arrived_at end)
            as {{ stage }}_recorded_at,
        {%- endfor %}
        -- A renewal names the deal only of a person who was on no other.
        coalesce(
            max(case when lifecycle_stage = 'opportunity' then opportunity_id end),
            max(opportunity_id)
        ) as opportunity_id
    from arrivals
    group by person_id
),

-- A renewal without a close before it means that a deal was won, whoever was on it.
closed as (
    select
        *,
        case
            when
                renewal_arrived_at < {{ least_known('won_arrived_at', 'lost_arrived_at') }}
                or (won_arrived_at is null and lost_arrived_at is null)
                then renewal_arrived_at
            else won_arrived_at
        end as won_at
    from first_arrivals
),

reached_opportunity as (
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

-- Each stage before it takes the date of the next one reached where that is earlier than its own.
{%- for stage in back_from_deal[1:] %}
{%- set next_stage = back_from_deal[loop.index0] %}
reached_{{ stage }} as (
    select
        *,
        {{ least_known(stage ~ '_arrived_at', next_stage ~ '_at') }} as {{ stage }}_at
    from reached_{{ next_stage }}
),
{% endfor %}
-- Sales rejects or recycles an MQL; what it did before that was about something else.
ranked_asides as (
    select
        arrivals.person_id,
        arrivals.lifecycle_stage,
        arrivals.arrived_at,
        arrivals.is_imputed,
        row_number() over (
            partition by arrivals.person_id, arrivals.lifecycle_stage
            order by
                case when arrivals.arrived_at >= reached_inquiry.mql_at then 0 else 1 end,
                case when arrivals.is_imputed then 1 else 0 end,
                arrivals.arrived_at
        ) as arrival_rank
    from arrivals
    inner join reached_inquiry
        on arrivals.person_id = reached_inquiry.person_id
    where arrivals.lifecycle_stage in ('rejected', 'recycled')
),

asides as (
    select
        person_id,
        {%- for stage in ['rejected', 'recycled'] %}
        max(case when lifecycle_stage = '{{ stage }}' then arrived_at end) as {{ stage }}_at,
        max(case when lifecycle_stage = '{{ stage }}' and is_imputed then 1 else 0 end) = 1
            as is_{{ stage }}_imputed,
        {%- endfor %}
        count(*) as aside_count
    from ranked_asides
    where arrival_rank = 1
    group by person_id
),

stages as (
    select
        people.person_id,
        reached.opportunity_id,
        case
            when reached.renewal_arrived_at is not null then 'renewal'
            when reached.won_at is not null then 'won'
            when reached.lost_at is not null then 'lost'
            {%- for stage in back_from_deal %}
            when reached.{{ stage }}_at is not null then '{{ stage }}'
            {%- endfor %}
        end as stage_reached,
        {%- for stage in to_deal + ends %}
        reached.{{ stage }}_at,
        {%- endfor %}
        reached.renewal_arrived_at as renewal_at,
        asides.rejected_at,
        asides.recycled_at,
        {%- for stage in to_deal + ends %}
        coalesce(
            reached.{{ stage }}_recorded_at != reached.{{ stage }}_at,
            reached.{{ stage }}_at is not null
        ) as is_{{ stage }}_imputed,
        {%- endfor %}
        coalesce(
            reached.renewal_recorded_at != reached.renewal_arrived_at,
            reached.renewal_arrived_at is not null
        ) as is_renewal_imputed,
        coalesce(asides.is_rejected_imputed, false) as is_rejected_imputed,
        coalesce(asides.is_recycled_imputed, false) as is_recycled_imputed
    from people
    left join reached_inquiry as reached
        on people.person_id = reached.person_id
    left join asides
        on people.person_id = asides.person_id
)

select * from stages
