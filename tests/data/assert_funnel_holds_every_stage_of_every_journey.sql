-- A row is a stage whose counts over all months of the funnel differ from the journeys.
{%- set stages = lifecycle_line() + lifecycle_asides() %}
with

journeys as (
    {%- for stage in stages %}
    select
        '{{ stage }}' as stage,
        count({{ stage }}_at) as stage_count
    from {{ ref('fct_lead_journeys') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

funnel as (
    {%- for stage in stages %}
    select
        '{{ stage }}' as stage,
        coalesce(sum({{ stage }}_count), 0) as stage_count
    from {{ ref('lead_funnel') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    journeys.stage,
    journeys.stage_count as journey_count,
    funnel.stage_count as funnel_count
from journeys
inner join funnel
    on journeys.stage = funnel.stage
where journeys.stage_count != funnel.stage_count
