-- One row per won deal without a marketing touch that counts.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where stage_group = 'won' and not is_influenced and not is_excluded
),

explained as (
    select
        opportunity_id,
        segment,
        pipeline_source,
        close_day,
        case when has_map_activity then 'tracking_gap' else 'sales_sourced' end as likely_cause,
        amount
    from opportunities
)

select * from explained
