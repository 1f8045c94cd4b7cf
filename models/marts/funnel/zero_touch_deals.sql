-- One row per won deal without a marketing touch that counts.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where
        is_won_once
        and not is_influenced
        and motion != 'renewal'
        and {{ is_source_in_coverage('pipeline_source') }}
),

seen_by_map as (
    select * from {{ ref('int_opportunities__seen_by_map') }}
),

explained as (
    select
        opportunities.opportunity_id,
        opportunities.segment,
        opportunities.pipeline_source,
        opportunities.close_day,
        case
            when seen_by_map.opportunity_id is not null then 'tracking_gap'
            else 'sales_sourced'
        end as likely_cause,
        opportunities.amount
    from opportunities
    left join seen_by_map
        on opportunities.opportunity_id = seen_by_map.opportunity_id
)

select * from explained
