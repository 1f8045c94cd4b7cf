-- One row per fiscal quarter and channel with MQLs in it or in the quarter before, or with a
-- target, up to the current quarter.
with

mqls as (
    select
        {{ fiscal_quarter_start(business_date('mql_at')) }} as quarter_start_date,
        {{ business_date('mql_at') }} as mql_date,
        channel,
        is_mql_imputed,
        is_in_map,
        is_in_crm
    from {{ ref('fct_lead_journeys') }}
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
        quarter_start_date,
        channel,
        sum(case when not is_mql_imputed then 1 else 0 end) as mqls,
        sum(case when is_mql_imputed then 1 else 0 end) as imputed_mqls,
        sum(case when not is_mql_imputed and is_in_map then 1 else 0 end) as map_mqls,
        sum(case when not is_mql_imputed and is_in_crm then 1 else 0 end) as crm_mqls,
        sum(
            case
                when not is_mql_imputed and mql_date <= {{ same_day_of_quarter_before() }} then 1
                else 0
            end
        ) as same_days_mqls
    from mqls
    group by quarter_start_date, channel
),

-- No one is behind a target of a quarter that has not begun.
targets as (
    select
        quarters.quarter_start_date,
        mql_targets.channel,
        mql_targets.target_mqls
    from mql_targets
    inner join quarters
        on mql_targets.fiscal_quarter = quarters.fiscal_quarter
),

-- A channel that brought nobody this quarter and somebody in the last one is the news.
cells as (
    select
        quarter_start_date,
        channel
    from counted
    union distinct
    select
        {{ date_plus_months('quarter_start_date', 3) }} as quarter_start_date,
        channel
    from counted
    where {{ date_plus_months('quarter_start_date', 3) }} <= {{ as_of_date() }}
    union distinct
    select
        quarter_start_date,
        channel
    from targets
),

ended as (
    select
        *,
        {{ date_plus_days(date_plus_months('quarter_start_date', 3), -1) }} as quarter_end_date
    from cells
),

-- Beside the running quarter stand the same days of the one before, beside an ended one all of it.
compared as (
    select
        ended.quarter_start_date,
        ended.quarter_end_date,
        ended.channel,
        coalesce(counted.mqls, 0) as mqls,
        coalesce(counted.imputed_mqls, 0) as imputed_mqls,
        coalesce(counted.map_mqls, 0) as map_mqls,
        coalesce(counted.crm_mqls, 0) as crm_mqls,
        targets.target_mqls as target,
        coalesce(
            case
                when ended.quarter_end_date >= {{ as_of_date() }} then previous.same_days_mqls
                else previous.mqls
            end,
            0
        ) as previous_mqls
    from ended
    left join counted
        on
            ended.quarter_start_date = counted.quarter_start_date
            and ended.channel = counted.channel
    left join counted as previous
        on
            ended.quarter_start_date = {{ date_plus_months('previous.quarter_start_date', 3) }}
            and ended.channel = previous.channel
    left join targets
        on
            ended.quarter_start_date = targets.quarter_start_date
            and ended.channel = targets.channel
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
    from compared
),

paced as (
    select
        {{ as_of_date() }} as as_of_date,
        {{ fiscal_quarter('quarter_start_date') }} as fiscal_quarter,
        quarter_start_date,
        channel,
        cast(mqls as bigint) as mqls,
        cast(imputed_mqls as bigint) as imputed_mqls,
        cast(map_mqls as bigint) as map_mqls,
        cast(crm_mqls as bigint) as crm_mqls,
        target,
        cast(round(1.0 * mqls / nullif(target, 0), 6) as decimal(18, 6)) as attainment,
        cast({{ rounded('elapsed_share', 6) }} as decimal(9, 6)) as elapsed_share,
        cast({{ rounded('target * elapsed_share', 6) }} as decimal(18, 6)) as target_to_date,
        cast({{ rounded('mqls / nullif(target * elapsed_share, 0)', 6) }} as decimal(18, 6))
            as pacing,
        cast(previous_mqls as bigint) as previous_mqls
    from timed
)

select * from paced
