-- A row is a quarter of which lead_acceptance counts other MQLs than the dispositions do: of a
-- channel, or over all channels, or over all segments.
with

dispositions as (
    select
        fiscal_quarter,
        channel,
        mqls,
        accepted,
        rejected,
        recycled,
        undecided
    from {{ ref('mql_dispositions') }}
    where reason = 'all'
),

disposed as (
    select
        'channel' as dimension,
        fiscal_quarter,
        channel as dimension_value,
        mqls,
        accepted,
        rejected,
        recycled,
        undecided
    from dispositions
    {%- for dimension in ['all', 'segment'] %}
    union all
    select
        '{{ dimension }}' as dimension,
        fiscal_quarter,
        'all' as dimension_value,
        sum(mqls) as mqls,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(recycled) as recycled,
        sum(undecided) as undecided
    from dispositions
    group by fiscal_quarter
    {%- endfor %}
),

accepted as (
    select
        dimension,
        fiscal_quarter,
        case when dimension = 'channel' then dimension_value else 'all' end as dimension_value,
        sum(mqls) as mqls,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(recycled) as recycled,
        sum(undecided) as undecided
    from {{ ref('lead_acceptance') }}
    group by
        dimension,
        fiscal_quarter,
        case when dimension = 'channel' then dimension_value else 'all' end
)

select
    coalesce(accepted.dimension, disposed.dimension) as dimension,
    coalesce(accepted.fiscal_quarter, disposed.fiscal_quarter) as fiscal_quarter,
    coalesce(accepted.dimension_value, disposed.dimension_value) as dimension_value,
    accepted.mqls,
    disposed.mqls as disposed_mqls
from accepted
full outer join disposed
    on
        accepted.dimension = disposed.dimension
        and accepted.fiscal_quarter = disposed.fiscal_quarter
        and accepted.dimension_value = disposed.dimension_value
where
    coalesce(accepted.mqls, 0) != coalesce(disposed.mqls, 0)
    or coalesce(accepted.accepted, 0) != coalesce(disposed.accepted, 0)
    or coalesce(accepted.rejected, 0) != coalesce(disposed.rejected, 0)
    or coalesce(accepted.recycled, 0) != coalesce(disposed.recycled, 0)
    or coalesce(accepted.undecided, 0) != coalesce(disposed.undecided, 0)
