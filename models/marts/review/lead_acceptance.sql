-- One row per fiscal quarter, dimension (`all`, `channel` or `segment`) and value of it with people
-- who became MQLs in the quarter or in the one before.
{%- set same_day = same_day_of_quarter_before() %}
with

mqls as (
    select
        {{ fiscal_quarter_start(business_date('mql_at')) }} as quarter_start_date,
        channel,
        segment,
        is_mql_imputed,
        mql_disposition,
        won_at is not null as is_won,
        {%- for stage in ['sql', 'opportunity'] %}
        {{ stage }}_at is not null as is_{{ stage }},
        {%- endfor %}
        -- What of it is dated within the same days of the quarter before as-of's.
        {%- for stage in ['mql', 'sal', 'sql', 'opportunity'] %}
        coalesce({{ business_date(stage ~ '_at') }} <= {{ same_day }}, false)
            as is_{{ stage }}_by_then,
        {%- endfor %}
        coalesce(
            rejected_at >= mql_at and {{ business_date('rejected_at') }} <= {{ same_day }}, false
        ) as is_rejected_by_then
    from {{ ref('fct_lead_journeys') }}
    where mql_at is not null
),

scoped as (
    {%- for dimension in ['all', 'channel', 'segment'] %}
    select
        '{{ dimension }}' as dimension,
        {{ dimension if dimension != 'all' else "'all'" }} as dimension_value,
        *
    from mqls
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        quarter_start_date,
        dimension,
        dimension_value,
        sum(case when is_mql_imputed then 0 else 1 end) as mqls,
        {%- for disposition in ['accepted', 'rejected', 'recycled', 'undecided'] %}
        sum(
            case when not is_mql_imputed and mql_disposition = '{{ disposition }}' then 1 else 0 end
        ) as {{ disposition }},
        {%- endfor %}
        {%- for stage, column in [
            ('sql', 'sql_count'), ('opportunity', 'opportunity_count'), ('won', 'won_count'),
        ] %}
        sum(case when not is_mql_imputed and is_{{ stage }} then 1 else 0 end) as {{ column }},
        {%- endfor %}
        {%- for column, condition in [
            ('mqls', 'true'),
            ('accepted', 'is_sal_by_then'),
            ('rejected', 'is_rejected_by_then and not is_sal_by_then'),
            ('sql_count', 'is_sql_by_then'),
            ('opportunity_count', 'is_opportunity_by_then'),
        ] %}
        sum(
            case when not is_mql_imputed and is_mql_by_then and {{ condition }} then 1 else 0 end
        ) as same_days_{{ column }},
        {%- endfor %}
        sum(case when is_mql_imputed then 1 else 0 end) as imputed_mqls
    from scoped
    group by quarter_start_date, dimension, dimension_value
),

-- A channel that brought nobody this quarter and somebody in the last one is the news.
cells as (
    select
        quarter_start_date,
        dimension,
        dimension_value
    from counted
    union distinct
    select
        {{ date_plus_months('quarter_start_date', 3) }} as quarter_start_date,
        dimension,
        dimension_value
    from counted
    where {{ date_plus_months('quarter_start_date', 3) }} <= {{ as_of_date() }}
),

running as (
    select
        *,
        quarter_start_date = {{ fiscal_quarter_start(as_of_date()) }} as is_running
    from cells
),

-- Beside the running quarter stand the same days of the one before, beside an ended one all of it.
compared as (
    select
        running.quarter_start_date,
        running.dimension,
        running.dimension_value,
        {%- for column in [
            'mqls', 'imputed_mqls', 'accepted', 'rejected', 'recycled', 'undecided', 'sql_count',
            'opportunity_count', 'won_count',
        ] %}
        coalesce(counted.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        {%- for column in ['mqls', 'accepted', 'rejected', 'sql_count', 'opportunity_count'] %}
        coalesce(
            case
                when running.is_running then previous.same_days_{{ column }}
                else previous.{{ column }}
            end,
            0
        ) as previous_{{ column }},
        {%- endfor %}
        running.is_running
    from running
    left join counted
        on
            running.quarter_start_date = counted.quarter_start_date
            and running.dimension = counted.dimension
            and running.dimension_value = counted.dimension_value
    left join counted as previous
        on
            running.quarter_start_date = {{ date_plus_months('previous.quarter_start_date', 3) }}
            and running.dimension = previous.dimension
            and running.dimension_value = previous.dimension_value
),

rated as (
    select
        {{ as_of_date() }} as as_of_date,
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        quarter_start_date,
        dimension,
        dimension_value,
        is_running,
        cast(mqls as bigint) as mqls,
        cast(imputed_mqls as bigint) as imputed_mqls,
        cast(accepted as bigint) as accepted,
        cast(rejected as bigint) as rejected,
        cast(recycled as bigint) as recycled,
        cast(undecided as bigint) as undecided,
        cast(accepted as {{ type_double() }}) / nullif(accepted + rejected, 0) as acceptance_rate,
        cast(sql_count as bigint) as sql_count,
        cast(sql_count as {{ type_double() }}) / nullif(mqls, 0) as mql_to_sql_conversion,
        cast(opportunity_count as bigint) as opportunity_count,
        cast(opportunity_count as {{ type_double() }}) / nullif(mqls, 0) as opportunity_rate,
        cast(won_count as bigint) as won_count,
        cast(previous_mqls as bigint) as previous_mqls,
        cast(previous_accepted as bigint) as previous_accepted,
        cast(previous_rejected as bigint) as previous_rejected,
        cast(previous_accepted as {{ type_double() }})
        / nullif(previous_accepted + previous_rejected, 0) as previous_acceptance_rate,
        cast(previous_sql_count as bigint) as previous_sql_count,
        cast(previous_sql_count as {{ type_double() }})
        / nullif(previous_mqls, 0) as previous_mql_to_sql_conversion,
        cast(previous_opportunity_count as {{ type_double() }})
        / nullif(previous_mqls, 0) as previous_opportunity_rate
    from compared
)

select * from rated
