-- One row per fiscal quarter in which people became MQLs, channel, and reason of rejection.
with

mqls as (
    select
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        channel,
        mql_disposition,
        rejection_reason
    from {{ ref('fct_lead_journeys') }}
    where mql_at is not null and not is_mql_imputed
),

summed as (
    select
        fiscal_quarter,
        channel,
        {%- for disposition in ['accepted', 'rejected', 'recycled', 'undecided'] %}
        sum(case when mql_disposition = '{{ disposition }}' then 1 else 0 end)
            as {{ disposition }},
        {%- endfor %}
        count(*) as mqls
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
        cast(summed.recycled as bigint) as recycled,
        cast(summed.undecided as bigint) as undecided,
        cast(
            round(1.0 * summed.accepted / nullif(summed.accepted + summed.rejected, 0), 6)
            as decimal(9, 6)
        ) as acceptance_rate
    from reasons
    inner join summed
        on
            reasons.fiscal_quarter = summed.fiscal_quarter
            and reasons.channel = summed.channel
)

select * from rated
