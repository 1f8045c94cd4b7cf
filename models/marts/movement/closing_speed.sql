-- One row per segment and channel, each with `all`: whether marketing-sourced deals close faster.
with

closings as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_in_rates and stage_group = 'won'
),

opportunity_touches as (
    select * from {{ ref('fct_opportunity_touches') }}
    where is_marketing
),

touches as (
    select * from {{ ref('fct_touches') }}
),

ranked_touches as (
    select
        opportunity_touches.opportunity_id,
        touches.channel,
        row_number() over (
            partition by opportunity_touches.opportunity_id
            order by opportunity_touches.touched_at, opportunity_touches.touch_id
        ) as touch_rank
    from opportunity_touches
    inner join closings
        on opportunity_touches.opportunity_id = closings.opportunity_id
    inner join touches
        on opportunity_touches.touch_id = touches.touch_id
),

won as (
    select
        closings.opportunity_id,
        closings.segment,
        coalesce(ranked_touches.channel, 'none') as channel,
        closings.pipeline_source = 'marketing' as is_marketing,
        closings.cycle_days
    from closings
    left join ranked_touches
        on
            closings.opportunity_id = ranked_touches.opportunity_id
            and ranked_touches.touch_rank = 1
),

scoped as (
    select
        segment,
        channel,
        is_marketing,
        cycle_days
    from won
    union all
    select
        'all' as segment,
        channel,
        is_marketing,
        cycle_days
    from won
),

compared as (
    select
        segment,
        'all' as channel
    from scoped
    group by segment
    union all
    select
        segment,
        channel
    from scoped
    where is_marketing
    group by segment, channel
),

-- Against a channel stands whatever else was won in the segment, marketing's other channels too.
sided as (
    select
        compared.segment,
        compared.channel,
        scoped.is_marketing and compared.channel in ('all', scoped.channel) as is_of_marketing,
        scoped.cycle_days
    from compared
    inner join scoped
        on compared.segment = scoped.segment
),

measured as (
    select
        segment,
        channel,
        sum(case when is_of_marketing then 1 else 0 end) as marketing_won_count,
        sum(case when not is_of_marketing then 1 else 0 end) as other_won_count,
        percentile_cont(0.5) within group (order by case when is_of_marketing then cycle_days end)
            as marketing_median_days,
        percentile_cont(0.5) within group (
            order by case when not is_of_marketing then cycle_days end
        ) as other_median_days
    from sided
    group by segment, channel
),

-- Six places: beyond them the rest of a division differs by engine.
rounded_medians as (
    select
        segment,
        channel,
        marketing_won_count,
        other_won_count,
        cast({{ rounded('marketing_median_days', 6) }} as decimal(18, 6)) as marketing_median_days,
        cast({{ rounded('other_median_days', 6) }} as decimal(18, 6)) as other_median_days
    from measured
),

-- A pace takes more than one lucky deal, and a difference that anybody would notice.
said as (
    select
        {{ as_of_date() }} as as_of_date,
        segment,
        channel,
        cast(marketing_won_count as bigint) as marketing_won_count,
        cast(other_won_count as bigint) as other_won_count,
        marketing_median_days,
        other_median_days,
        cast(other_median_days - marketing_median_days as decimal(18, 6)) as days_faster,
        {%- set faster_share -%}
        cast(other_median_days - marketing_median_days as {{ type_double() }})
        / nullif(cast(other_median_days as {{ type_double() }}), 0)
        {%- endset %}
        cast({{ rounded(faster_share, 6) }} as decimal(18, 6)) as faster_share,
        coalesce(
            marketing_won_count >= {{ var('min_won_for_cycle') }}
            and other_won_count >= {{ var('min_won_for_cycle') }}
            and marketing_median_days != other_median_days
            and abs(other_median_days - marketing_median_days) * 10 >= other_median_days,
            false
        ) as is_said
    from rounded_medians
)

select * from said
