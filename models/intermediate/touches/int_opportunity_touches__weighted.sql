-- One row per marketing touch that counts, with its raw share in each attribution model: before
-- shares are scaled to 1. What each model looks at is an anchor: the first touch, the last before
-- the lead came into being, the last before the deal did, and the last of all once it is closed.
with

counted as (
    select * from {{ ref('int_opportunity_touches__counted') }}
    where is_marketing
),

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

presented as (
    select * from {{ ref('int_opportunities__at_as_of') }}
),

people as (
    select * from {{ ref('int_people__arrived') }}
),

ordered as (
    select
        counted.opportunity_id,
        counted.touch_id,
        counted.person_id,
        counted.touched_at,
        counted.phase,
        opportunities.first_created_at,
        presented.closed_at is not null as is_closed,
        people.person_created_at,
        row_number() over (
            partition by counted.opportunity_id
            order by counted.touched_at, counted.touch_id
        ) as touch_number,
        count(*) over (partition by counted.opportunity_id) as touch_count,
        sum(case when counted.phase = 'before_creation' then 1 else 0 end) over (
            partition by counted.opportunity_id
        ) as before_count
    from counted
    inner join opportunities
        on counted.opportunity_id = opportunities.opportunity_id
    inner join presented
        on counted.opportunity_id = presented.opportunity_id
    left join people
        on counted.person_id = people.person_id
),

first_people as (
    select
        *,
        max(case when touch_number = 1 then person_created_at end) over (
            partition by opportunity_id
        ) as first_person_created_at
    from ordered
),

lead_counted as (
    select
        *,
        sum(case when touched_at <= first_person_created_at then 1 else 0 end) over (
            partition by opportunity_id
        ) as before_lead_count
    from first_people
),

-- Touches stand in order of time, so the last of a stretch is the one numbered by its length.
anchored as (
    select
        opportunity_id,
        touch_id,
        touch_number,
        touch_count,
        case when touch_number = 1 then 1 else 0 end as is_first,
        case when touch_number = before_lead_count then 1 else 0 end as is_lead_creation,
        case when touch_number = before_count then 1 else 0 end as is_creation,
        case when is_closed and touch_number = touch_count then 1 else 0 end as is_close,
        greatest({{ seconds_between('touched_at', 'first_created_at') }}, 0) as age_seconds,
        min(greatest({{ seconds_between('touched_at', 'first_created_at') }}, 0)) over (
            partition by opportunity_id
        ) as least_age_seconds
    from lead_counted
),

{%- set weights = [
    ('first_touch', {'first': 1}, 0),
    ('last_touch', {'creation': 1}, 0),
    ('position_based', {'first': 0.4, 'creation': 0.4}, 0.2),
    ('u_shaped', {'first': 0.5, 'lead_creation': 0.5}, 0),
    ('w_shaped', {'first': 0.3, 'lead_creation': 0.3, 'creation': 0.3}, 0.1),
    (
        'full_path',
        {'first': 0.225, 'lead_creation': 0.225, 'creation': 0.225, 'close': 0.225},
        0.1
    ),
] %}

anchor_shares as (
    select
        *,
        {%- for model, anchors, rest in weights %}
        cast(
            {%- for anchor, share in anchors.items() %}
            {{ share }} * is_{{ anchor }}{{ ' +' if not loop.last }}
            {%- endfor %}
            as {{ type_share() }}
        ) as {{ model }}_anchors,
        {%- endfor %}
        cast(1.0 / touch_count as {{ type_share() }}) as linear_share,
        -- Of the youngest touch's, which is 1: of deals with old touches alone, digits remain.
        {%- set decay -%}
            power(
                cast(0.5 as {{ type_double() }}),
                (age_seconds - least_age_seconds)
                / (86400.0 * {{ var('attribution_half_life_days') }})
            )
        {%- endset %}
        cast({{ rounded(decay, 12) }} as {{ type_share() }}) as time_decay_share
    from anchored
),

-- What is left for touches without an anchor is divided equally among them.
rests as (
    select
        {%- for model, anchors, rest in weights if rest > 0 %}
        sum(case when {{ model }}_anchors = 0 then 1 else 0 end) over (
            partition by opportunity_id
        ) as {{ model }}_rest_count,
        {%- endfor %}
        *
    from anchor_shares
),

shared as (
    select
        opportunity_id,
        touch_id,
        touch_number,
        linear_share,
        time_decay_share,
        {%- for model, anchors, rest in weights %}
        {%- if rest > 0 %}
        case
            when {{ model }}_anchors > 0 then {{ model }}_anchors
            else cast({{ rest }} / {{ model }}_rest_count as {{ type_share() }})
        end as {{ model }}_share{% if not loop.last %},{% endif %}
        {%- else %}
        {{ model }}_anchors as {{ model }}_share{% if not loop.last %},{% endif %}
        {%- endif %}
        {%- endfor %}
    from rests
)

select * from shared
