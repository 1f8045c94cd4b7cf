-- One row per month, channel, segment and path in which anyone reached a stage of the lifecycle.
{%- set stages = lifecycle_line() + lifecycle_asides() %}
{%- set pairs = lifecycle_conversions() %}
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
),

-- Each stage of a journey is counted in the month in which it was reached.
reached as (
    {%- for stage in stages %}
    select
        '{{ stage }}' as stage,
        {{ business_date(stage ~ '_at') }} as reached_date,
        not is_{{ stage }}_imputed as is_recorded,
        *
    from journeys
    where {{ stage }}_at is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Who goes on from a stage has reached the next by any evidence, but an MQL only by a record.
counted as (
    select
        cast({{ dbt.date_trunc('month', 'reached_date') }} as date) as month_start,
        channel,
        segment,
        path,
        {%- for stage in stages %}
        sum(case when stage = '{{ stage }}' and is_recorded then 1 else 0 end)
            as {{ stage }}_count,
        sum(case when stage = '{{ stage }}' and not is_recorded then 1 else 0 end)
            as imputed_{{ stage }}_count,
        {%- endfor %}
        {%- for earlier, later in pairs %}
        sum(
            case
                when
                    stage = '{{ earlier }}'
                    and is_recorded
                    and {{ later }}_at is not null
                    {%- if later == 'mql' %}
                    and not is_mql_imputed
                    {%- endif %}
                    then 1
                else 0
            end
        ) as {{ earlier }}_to_{{ later }}_count,
        percentile_cont(0.5) within group (
            order by
                case
                    when stage = '{{ earlier }}' and is_recorded and not is_{{ later }}_imputed
                        then
                            {{ seconds_between(earlier ~ '_at', later ~ '_at') }} / 86400.0
                end
        ) as {{ earlier }}_to_{{ later }}_median_days,
        {%- endfor %}
        sum(
            case
                when stage = 'opportunity' and is_recorded and lost_at is not null then 1
                else 0
            end
        ) as opportunity_to_lost_count
    from reached
    group by
        cast({{ dbt.date_trunc('month', 'reached_date') }} as date), channel, segment, path
),

converted as (
    select
        month_start,
        channel,
        segment,
        path,
        {%- for stage in stages %}
        cast({{ stage }}_count as bigint) as {{ stage }}_count,
        {%- endfor %}
        {%- for stage in stages %}
        cast(imputed_{{ stage }}_count as bigint) as imputed_{{ stage }}_count,
        {%- endfor %}
        {%- for earlier, later in pairs %}
        cast({{ earlier }}_to_{{ later }}_count as bigint) as {{ earlier }}_to_{{ later }}_count,
        cast(
            round(1.0 * {{ earlier }}_to_{{ later }}_count / nullif({{ earlier }}_count, 0), 6)
            as decimal(9, 6)
        ) as {{ earlier }}_to_{{ later }}_conversion,
        cast({{ rounded(earlier ~ "_to_" ~ later ~ "_median_days", 6) }} as decimal(18, 6))
            as {{ earlier }}_to_{{ later }}_median_days,
        {%- endfor %}
        cast(opportunity_to_lost_count as bigint) as opportunity_to_lost_count
    from counted
)

select * from converted
