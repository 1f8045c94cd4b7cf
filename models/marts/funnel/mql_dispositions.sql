-- One row per fiscal quarter in which people became MQLs, channel, and reason of rejection.
with

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
    where mql_at is not null
),

mqls as (
    select
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        channel,
        is_mql_imputed,
        mql_disposition,
        rejection_reason
    from journeys
),

summed as (
    select
        fiscal_quarter,
        channel,
        count(*) as mqls,
        sum(case when mql_disposition = 'accepted' then 1 else 0 end) as accepted,
        sum(case when mql_disposition = 'rejected' then 1 else 0 end) as rejected,
        sum(case when mql_disposition = 'accepted' and is_mql_imputed then 1 else 0 end)
            as imputed_accepted
    from mqls
    group by fiscal_quarter, channel
),

reasons as (
    select
        fiscal_quarter,
        channel,
        rejection_reason as reason,
        count(*) as rejected
    from mqls
    where mql_disposition = 'rejected'
    group by fiscal_quarter, channel, rejection_reason
    union all
    select
        fiscal_quarter,
        channel,
        'all' as reason,
        rejected
    from summed
),

rated as (
    select
        reasons.fiscal_quarter,
        reasons.channel,
        reasons.reason,
        summed.mqls,
        cast(summed.accepted as bigint) as accepted,
        cast(reasons.rejected as bigint) as rejected,
        cast(summed.mqls - summed.accepted - summed.rejected as bigint) as undecided,
        cast(
            round(1.0 * summed.accepted / nullif(summed.accepted + summed.rejected, 0), 6)
            as decimal(9, 6)
        ) as acceptance_rate,
        cast(
            round(
                1.0 * (summed.accepted - summed.imputed_accepted)
                / nullif(summed.accepted - summed.imputed_accepted + summed.rejected, 0), 6
            ) as decimal(9, 6)
        ) as recorded_acceptance_rate
    from reasons
    inner join summed
        on
            reasons.fiscal_quarter = summed.fiscal_quarter
            and reasons.channel = summed.channel
)

select * from rated
