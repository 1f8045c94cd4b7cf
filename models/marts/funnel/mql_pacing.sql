-- One row per fiscal quarter and channel that has MQLs or a target for them, up to the current one.
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
    where mql_at is not null
),

mql_targets as (
    select * from {{ ref('int_mql_targets__by_channel') }}
),

quarters as (
    select distinct
        fiscal_quarter,
        quarter_start_date
    from {{ ref('dim_dates') }}
    where is_past
),

counted as (
    select
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        {{ fiscal_quarter_start(business_date('mql_at')) }} as quarter_start_date,
        channel,
        count(*) as mqls,
        sum(case when is_mql_imputed then 1 else 0 end) as imputed_mqls,
        sum(case when is_in_map then 1 else 0 end) as map_mqls,
        sum(case when is_in_crm then 1 else 0 end) as crm_mqls
    from journeys
    group by
        {{ fiscal_quarter(business_date('mql_at')) }},
        {{ fiscal_quarter_start(business_date('mql_at')) }},
        channel
),

-- No one is behind a target of a quarter that has not begun.
begun_targets as (
    select
        mql_targets.fiscal_quarter,
        quarters.quarter_start_date,
        mql_targets.channel,
        mql_targets.target_mqls
    from mql_targets
    inner join quarters
        on mql_targets.fiscal_quarter = quarters.fiscal_quarter
),

paired as (
    select
        coalesce(counted.fiscal_quarter, begun_targets.fiscal_quarter) as fiscal_quarter,
        coalesce(counted.quarter_start_date, begun_targets.quarter_start_date)
            as quarter_start_date,
        coalesce(counted.channel, begun_targets.channel) as channel,
        coalesce(counted.mqls, 0) as mqls,
        coalesce(counted.imputed_mqls, 0) as imputed_mqls,
        coalesce(counted.map_mqls, 0) as map_mqls,
        coalesce(counted.crm_mqls, 0) as crm_mqls,
        begun_targets.target_mqls as target
    from counted
    full outer join begun_targets
        on
            counted.fiscal_quarter = begun_targets.fiscal_quarter
            and counted.channel = begun_targets.channel
),

ended as (
    select
        *,
        {{ date_plus_days(date_plus_months('quarter_start_date', 3), -1) }}
            as quarter_end_date
    from paired
),

-- The as-of day counts as elapsed: every number is as of its end.
timed as (
    select
        *,
        1.0 * (
            {{ days_between(
                'quarter_start_date', 'least(quarter_end_date, ' ~ as_of_date() ~ ')'
            ) }} + 1
        ) / ({{ days_between('quarter_start_date', 'quarter_end_date') }} + 1) as elapsed_share
    from ended
),

paced as (
    select
        {{ as_of_date() }} as as_of_date,
        fiscal_quarter,
        quarter_start_date,
        channel,
        mqls,
        cast(imputed_mqls as bigint) as imputed_mqls,
        cast(map_mqls as bigint) as map_mqls,
        cast(crm_mqls as bigint) as crm_mqls,
        target,
        cast(round(1.0 * mqls / nullif(target, 0), 6) as decimal(18, 6)) as attainment,
        cast({{ rounded('elapsed_share', 6) }} as decimal(9, 6)) as elapsed_share,
        cast({{ rounded('target * elapsed_share', 6) }} as decimal(18, 6)) as target_to_date,
        cast({{ rounded('mqls / nullif(target * elapsed_share, 0)', 6) }} as decimal(18, 6))
            as pacing
    from timed
)

select * from paced
