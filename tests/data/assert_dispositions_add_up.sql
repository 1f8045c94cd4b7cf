-- A row is a quarter and channel whose MQLs are not accepted, rejected, recycled or undecided, each
-- once, whose reasons do not add up to its rejections, or whose MQLs differ from those of pacing.
with

dispositions as (
    select
        fiscal_quarter,
        channel,
        max(case when reason = 'all' then mqls end) as mqls,
        max(case when reason = 'all' then accepted + rejected + recycled + undecided end)
            as disposed_mqls,
        max(case when reason = 'all' then rejected end) as rejected,
        sum(case when reason != 'all' then rejected else 0 end) as reasoned
    from {{ ref('mql_dispositions') }}
    group by fiscal_quarter, channel
),

pacing as (
    select
        fiscal_quarter,
        channel,
        mqls
    from {{ ref('mql_pacing') }}
    where mqls > 0
)

select
    coalesce(pacing.fiscal_quarter, dispositions.fiscal_quarter) as fiscal_quarter,
    coalesce(pacing.channel, dispositions.channel) as channel,
    pacing.mqls as paced_mqls,
    dispositions.mqls,
    dispositions.disposed_mqls,
    dispositions.rejected,
    dispositions.reasoned
from pacing
full outer join dispositions
    on
        pacing.fiscal_quarter = dispositions.fiscal_quarter
        and pacing.channel = dispositions.channel
where
    pacing.mqls is distinct from dispositions.mqls
    or dispositions.mqls != dispositions.disposed_mqls
    or dispositions.rejected != dispositions.reasoned
