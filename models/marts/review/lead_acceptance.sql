-- One row per fiscal quarter (the running one and the four before it), dimension (`channel` or
-- `segment`) and value of it in which people became MQLs.
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
    where mql_at is not null
),

dates as (
    select * from {{ ref('dim_dates') }}
),

quarters as (
    select
        fiscal_quarter,
        quarter_start_date,
        row_number() over (order by quarter_start_date desc) as recency
    from dates
    where quarter_start_date <= {{ as_of_date() }}
    group by fiscal_quarter, quarter_start_date
),

mqls as (
    select
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        channel,
        segment,
        mql_disposition,
        opportunity_at is not null as is_opportunity,
        won_at is not null as is_won
    from journeys
),

scoped as (
    {%- for dimension in ['channel', 'segment'] %}
    select
        fiscal_quarter,
        '{{ dimension }}' as dimension,
        coalesce({{ dimension }}, 'unknown') as dimension_value,
        mql_disposition,
        is_opportunity,
        is_won
    from mqls
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

summed as (
    select
        fiscal_quarter,
        dimension,
        dimension_value,
        count(*) as mqls,
        sum(case when mql_disposition = 'accepted' then 1 else 0 end) as accepted,
        sum(case when mql_disposition = 'rejected' then 1 else 0 end) as rejected,
        sum(case when is_opportunity then 1 else 0 end) as opportunity_count,
        sum(case when is_won then 1 else 0 end) as won_count
    from scoped
    group by fiscal_quarter, dimension, dimension_value
),

rated as (
    select
        summed.*,
        quarters.quarter_start_date,
        quarters.recency,
        cast(summed.accepted as {{ type_double() }})
        / nullif(summed.accepted + summed.rejected, 0) as acceptance_rate,
        cast(summed.opportunity_count as {{ type_double() }}) / summed.mqls as opportunity_rate
    from summed
    inner join quarters
        on summed.fiscal_quarter = quarters.fiscal_quarter
),

paired as (
    select
        {{ as_of_date() }} as as_of_date,
        rated.fiscal_quarter,
        rated.quarter_start_date,
        rated.dimension,
        rated.dimension_value,
        cast(rated.mqls as bigint) as mqls,
        cast(rated.accepted as bigint) as accepted,
        cast(rated.rejected as bigint) as rejected,
        cast(rated.mqls - rated.accepted - rated.rejected as bigint) as undecided,
        cast(rated.opportunity_count as bigint) as opportunity_count,
        cast(rated.won_count as bigint) as won_count,
        rated.acceptance_rate,
        previous.acceptance_rate as previous_acceptance_rate,
        rated.opportunity_rate,
        rated.recency = 1 as is_running
    from rated
    left join rated as previous
        on
            rated.dimension = previous.dimension
            and rated.dimension_value = previous.dimension_value
            and rated.recency + 1 = previous.recency
    where rated.recency <= {{ var('full_quarters') }} + 1
)

select * from paired
