-- When each person reached each stage of the lifecycle. A journey only goes forward: a person at a
-- later stage has come through the earlier ones by then. So an earlier stage that no record dates,
-- or that a record dates only afterwards, takes the date of the next stage reached and is imputed.
{%- set to_deal = lifecycle_line()[:-2] %}
{%- set back_from_deal = to_deal | reverse | list %}
with

arrivals as (
    select * from {{ ref('int_journeys__arrivals') }}
),

first_arrivals as (
    select
        person_id,
        {%- for stage in lifecycle_line() + lifecycle_asides() %}
        min(case when lifecycle_stage = '{{ stage }}' then arrived_at end)
            as {{ stage }}_arrived_at,
        min(case when lifecycle_stage = '{{ stage }}' then logged_at end)
            as {{ stage }}_logged_at,
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
            when won_arrived_at <= lost_arrived_at or lost_arrived_at is null then won_arrived_at
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
stages as (
    select
        person_id,
        opportunity_id,
        case
            when renewal_arrived_at is not null then 'renewal'
            when won_at is not null then 'won'
            when lost_at is not null then 'lost'
            {%- for stage in back_from_deal[:-1] %}
            when {{ stage }}_at is not null then '{{ stage }}'
            {%- endfor %}
            else 'inquiry'
        end as stage_reached,
        {%- for stage in to_deal + ['won', 'lost'] %}
        {{ stage }}_at,
        {%- endfor %}
        {%- for stage in ['renewal', 'rejected', 'recycled'] %}
        {{ stage }}_arrived_at as {{ stage }}_at,
        {%- endfor %}
        {%- for stage in to_deal + ['won', 'lost'] %}
        coalesce({{ stage }}_logged_at != {{ stage }}_at, {{ stage }}_at is not null)
            as is_{{ stage }}_imputed,
        {%- endfor %}
        -- noqa: disable=LT02
        -- The comma of a loop stands in Jinja, where sqlfluff takes it for the beginning of a line.
        {%- for stage in ['renewal', 'rejected', 'recycled'] %}
        coalesce(
            {{ stage }}_logged_at != {{ stage }}_arrived_at, {{ stage }}_arrived_at is not null
        ) as is_{{ stage }}_imputed{{ ',' if not loop.last }}
        {%- endfor %}
    -- noqa: enable=LT02
    from reached_inquiry
)

select * from stages
