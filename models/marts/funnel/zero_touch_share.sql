-- One row per fiscal quarter in which deals were won, with those won without a marketing touch.
with

opportunities as (
    select
        opportunity_id,
        {{ fiscal_quarter_start('close_day') }} as quarter_start_date,
        coalesce(amount, 0) as amount
    from {{ ref('fct_opportunities') }}
    where
        is_won_once
        and motion != 'renewal'
        and {{ is_source_in_coverage('pipeline_source') }}
),

zero_touch as (
    select * from {{ ref('zero_touch_deals') }}
),

marked as (
    select
        opportunities.*,
        zero_touch.opportunity_id is not null as is_zero_touch,
        coalesce(zero_touch.likely_cause = 'tracking_gap', false) as is_tracking_gap
    from opportunities
    left join zero_touch
        on opportunities.opportunity_id = zero_touch.opportunity_id
),

summed as (
    select
        quarter_start_date,
        count(*) as won_count,
        cast(sum(amount) as {{ type_money() }}) as won_amount,
        cast(sum(case when is_zero_touch then 1 else 0 end) as bigint) as zero_touch_count,
        cast(sum(case when is_zero_touch then amount else 0 end) as {{ type_money() }})
            as zero_touch_amount,
        cast(sum(case when is_tracking_gap then 1 else 0 end) as bigint) as tracking_gap_count,
        cast(sum(case when is_tracking_gap then amount else 0 end) as {{ type_money() }})
            as tracking_gap_amount
    from marked
    group by quarter_start_date
),

shared as (
    select
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        quarter_start_date,
        won_count,
        won_amount,
        zero_touch_count,
        zero_touch_amount,
        tracking_gap_count,
        tracking_gap_amount,
        cast(zero_touch_count as {{ type_double() }}) / won_count as share_of_count,
        cast(zero_touch_amount as {{ type_double() }})
        / nullif(cast(won_amount as {{ type_double() }}), 0) as share_of_amount
    from summed
)

select * from shared
