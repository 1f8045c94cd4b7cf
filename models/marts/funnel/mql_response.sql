-- One row per fiscal quarter, dimension (`all`, `channel` or `segment`) and value of it with
-- people who became MQLs in the quarter or in the one before.
with

mqls as (
    select * from {{ ref('int_mqls__answered') }}
),

scoped as (
    {%- for dimension in ['all', 'channel', 'segment'] %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension if dimension != 'all' else "'all'" }} as dimension_value,
        quarter_start_date,
        response_days,
        is_within,
        is_pending,
        is_mql_by_then,
        is_within_by_then,
        is_pending_by_then,
        case when is_answered_by_then then response_days end as response_days_by_then,
        is_mql_imputed
    from mqls
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- The imputed ones are nobody's MQLs, but give their channel and segment a row.
recorded as (
    select * from scoped
    where not is_mql_imputed
),

counted as (
    select
        quarter_start_date,
        dimension,
        dimension_value,
        count(*) as mqls,
        count(response_days) as responded_count,
        sum(case when is_within then 1 else 0 end) as within_count,
        sum(case when is_pending then 1 else 0 end) as pending_count,
        percentile_cont(0.5) within group (order by response_days) as median_response_days
    from recorded
    group by quarter_start_date, dimension, dimension_value
),

counted_by_then as (
    select
        quarter_start_date,
        dimension,
        dimension_value,
        count(*) as mqls,
        sum(case when is_within_by_then then 1 else 0 end) as within_count,
        sum(case when is_pending_by_then then 1 else 0 end) as pending_count,
        percentile_cont(0.5) within group (order by response_days_by_then) as median_response_days
    from recorded
    where is_mql_by_then
    group by quarter_start_date, dimension, dimension_value
),

cells as (
    select
        quarter_start_date,
        dimension,
        dimension_value
    from scoped
    union distinct
    select
        {{ date_plus_months('quarter_start_date', 3) }} as quarter_start_date,
        dimension,
        dimension_value
    from scoped
    where {{ date_plus_months('quarter_start_date', 3) }} <= {{ as_of_date() }}
),

-- Beside the running quarter stand the same days of the one before, beside an ended one all of it.
previous as (
    select
        {{ date_plus_months('quarter_start_date', 3) }} as next_quarter_start_date,
        dimension,
        dimension_value,
        mqls,
        within_count,
        pending_count,
        median_response_days
    from counted
    where
        {{ date_plus_months('quarter_start_date', 3) }} < {{ fiscal_quarter_start(as_of_date()) }}
    union all
    select
        {{ date_plus_months('quarter_start_date', 3) }} as next_quarter_start_date,
        dimension,
        dimension_value,
        mqls,
        within_count,
        pending_count,
        median_response_days
    from counted_by_then
    where
        {{ date_plus_months('quarter_start_date', 3) }} = {{ fiscal_quarter_start(as_of_date()) }}
),

compared as (
    select
        cells.quarter_start_date,
        cells.dimension,
        cells.dimension_value,
        coalesce(counted.mqls, 0) as mqls,
        coalesce(counted.responded_count, 0) as responded_count,
        coalesce(counted.within_count, 0) as within_count,
        coalesce(counted.pending_count, 0) as pending_count,
        counted.median_response_days,
        coalesce(previous.mqls, 0) as previous_mqls,
        coalesce(previous.within_count, 0) as previous_within_count,
        coalesce(previous.pending_count, 0) as previous_pending_count,
        previous.median_response_days as previous_median_response_days
    from cells
    left join counted
        on
            cells.quarter_start_date = counted.quarter_start_date
            and cells.dimension = counted.dimension
            and cells.dimension_value = counted.dimension_value
    left join previous
        on
            cells.quarter_start_date = previous.next_quarter_start_date
            and cells.dimension = previous.dimension
            and cells.dimension_value = previous.dimension_value
),

rated as (
    select
        {{ as_of_date() }} as as_of_date,
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        quarter_start_date,
        dimension,
        dimension_value,
        cast(mqls as bigint) as mqls,
        cast(responded_count as bigint) as responded_count,
        cast(within_count as bigint) as within_count,
        cast(mqls - within_count - pending_count as bigint) as late_count,
        cast(pending_count as bigint) as pending_count,
        cast(within_count as {{ type_double() }}) / nullif(mqls - pending_count, 0)
            as within_share,
        cast(median_response_days as {{ type_double() }}) as median_response_days,
        cast(previous_mqls as bigint) as previous_mqls,
        cast(previous_within_count as {{ type_double() }})
        / nullif(previous_mqls - previous_pending_count, 0) as previous_within_share,
        cast(previous_median_response_days as {{ type_double() }}) as previous_median_response_days
    from compared
)

select * from rated
