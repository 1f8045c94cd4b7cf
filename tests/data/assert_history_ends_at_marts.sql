-- A row is a step or measure of which the history of the views says of as-of other than the views
-- do: it is computed from intervals, they from the verdicts.
with

history as (
    select * from {{ ref('pipeline_bridge_history') }}
    where as_of_date = {{ as_of_date() }}
),

bridge as (
    select * from {{ ref('pipeline_bridge') }}
),

counted_history as (
    select * from {{ ref('double_counting_history') }}
    where as_of_date = {{ as_of_date() }}
),

counted as (
    select * from {{ ref('double_counting') }}
),

compared as (
    select
        coalesce(bridge.view, history.view) as view,
        coalesce(bridge.step, history.step) as step,
        bridge.opportunity_count,
        bridge.amount,
        history.opportunity_count as history_count,
        history.amount as history_amount
    from bridge
    full outer join history
        on bridge.view = history.view and bridge.step = history.step
    union all
    select
        'double_counting' as view,
        coalesce(counted.measure, counted_history.measure) as step,
        counted.opportunity_count,
        counted.amount,
        counted_history.opportunity_count as history_count,
        counted_history.amount as history_amount
    from counted
    full outer join counted_history
        on counted.measure = counted_history.measure
)

select *
from compared
where
    opportunity_count is distinct from history_count
    or amount is distinct from history_amount
