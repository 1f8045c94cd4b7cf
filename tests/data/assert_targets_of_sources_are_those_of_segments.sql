-- A row is a week in which sources and segments together differ, in what they created or in the
-- target of a quarter that is shared out between sources.
with

sources as (
    select
        week_start,
        sum(quarter_target) as quarter_target,
        sum(created_amount) as created_amount
    from {{ ref('source_scorecard') }}
    group by week_start
),

segments as (
    select
        week_start,
        sum(quarter_target) as quarter_target,
        sum(created_amount) as created_amount
    from {{ ref('segment_scorecard') }}
    group by week_start
)

select
    sources.week_start,
    sources.quarter_target,
    segments.quarter_target as segments_quarter_target
from sources
inner join segments
    on sources.week_start = segments.week_start
where
    (sources.quarter_target is not null and sources.quarter_target != segments.quarter_target)
    or sources.created_amount != segments.created_amount
