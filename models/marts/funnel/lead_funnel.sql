-- One row per month, channel, segment and path in which anyone reached a stage of the lifecycle.
{%- set line = lifecycle_line() %}
{%- set asides = lifecycle_asides() %}
{%- set pairs = lifecycle_pairs() %}
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
),

-- Each stage of a journey is counted in the month in which it was reached.
reached as (
    {%- for stage in line + asides %}
    select
        '{{ stage }}' as stage,
        {{ business_date(stage ~ '_at') }} as reached_date,
        channel,
        segment,
        path,
        {%- set next_stage = dict(pairs).get(stage) %}
        {%- if next_stage %}
        case when {{ next_stage }}_at is not null then 1 else 0 end as has_gone_on,
        {{ seconds_between(stage ~ '_at', next_stage ~ '_at') }} / 86400.0 as days_to_next,
        case
            when not is_{{ stage }}_imputed and not is_{{ next_stage }}_imputed
                then {{ seconds_between(stage ~ '_at', next_stage ~ '_at') }} / 86400.0
        end as recorded_days_to_next,
        {%- else %}
        0 as has_gone_on,
        null as days_to_next,
        null as recorded_days_to_next,
        {%- endif %}
        {%- for later in line[1:-1] %}
        case when {{ later }}_at is not null then 1 else 0 end as is_{{ later }}_reached,
        {%- endfor %}
        -- Some people reach a renewal although their own first deal was lost.
        case when won_at is not null and renewal_at is not null then 1 else 0 end
            as is_renewal_reached,
        case when lost_at is not null then 1 else 0 end as is_lost_reached,
        case when {{ stage }}_at is not null and is_{{ stage }}_imputed then 1 else 0 end
            as is_imputed
    from journeys
    where {{ stage }}_at is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        cast({{ dbt.date_trunc('month', 'reached_date') }} as date) as month_start,
        channel,
        segment,
        path,
        {%- for stage in line + asides %}
        sum(case when stage = '{{ stage }}' then 1 else 0 end) as {{ stage }}_count,
        {%- endfor %}
        {%- for stage in line[1:] %}
        sum(case when stage = '{{ stage }}' then is_imputed else 0 end)
            as imputed_{{ stage }}_count,
        {%- endfor %}
        {%- for earlier, later in pairs %}
        sum(case when stage = '{{ earlier }}' then has_gone_on else 0 end)
            as {{ earlier }}_to_{{ later }}_count,
        percentile_cont(0.5) within group (
            order by case when stage = '{{ earlier }}' then days_to_next end
        ) as {{ earlier }}_to_{{ later }}_median_days,
        percentile_cont(0.5) within group (
            order by case when stage = '{{ earlier }}' then recorded_days_to_next end
        ) as {{ earlier }}_to_{{ later }}_recorded_median_days,
        {%- endfor %}
        {%- for later in line[1:] %}
        sum(case when stage = 'inquiry' then is_{{ later }}_reached else 0 end)
            as cohort_{{ later }}_count,
        {%- endfor %}
        sum(case when stage = 'opportunity' then is_lost_reached else 0 end)
            as opportunity_to_lost_count
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
        {%- for stage in line + asides %}
        cast({{ stage }}_count as bigint) as {{ stage }}_count,
        {%- endfor %}
        {%- for stage in line[1:] %}
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
        cast({{ rounded(earlier ~ "_to_" ~ later ~ "_recorded_median_days", 6) }} as decimal(18, 6))
            as {{ earlier }}_to_{{ later }}_recorded_median_days,
        {%- endfor %}
        {%- for later in line[1:] %}
        cast(cohort_{{ later }}_count as bigint) as cohort_{{ later }}_count,
        {%- endfor %}
        cast(opportunity_to_lost_count as bigint) as opportunity_to_lost_count
    from counted
)

select * from converted
