-- A row is a stage whose counts over all months of the funnel differ from the journeys, recorded or
-- imputed.
{%- set stages = lifecycle_line() + lifecycle_asides() %}
with

journeys as (
    {%- for stage in stages %}
    select
        '{{ stage }}' as stage,
        sum(case when {{ stage }}_at is not null and not is_{{ stage }}_imputed then 1 else 0 end)
            as stage_count,
        sum(case when is_{{ stage }}_imputed then 1 else 0 end) as imputed_count
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
        sum({{ stage }}_count) as stage_count,
        sum(imputed_{{ stage }}_count) as imputed_count
    from {{ ref('lead_funnel') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    journeys.stage,
    journeys.stage_count as journey_count,
    funnel.stage_count as funnel_count,
    journeys.imputed_count as imputed_journey_count,
    funnel.imputed_count as imputed_funnel_count
from journeys
inner join funnel
    on journeys.stage = funnel.stage
where
    coalesce(journeys.stage_count, 0) != coalesce(funnel.stage_count, 0)
    or coalesce(journeys.imputed_count, 0) != coalesce(funnel.imputed_count, 0)
