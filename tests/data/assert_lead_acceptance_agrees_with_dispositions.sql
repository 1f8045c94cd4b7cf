-- A row is a quarter and channel whose MQLs the review and the dispositions count differently.
select
    acceptance.fiscal_quarter,
    acceptance.dimension_value,
    acceptance.mqls,
    dispositions.mqls as disposed_mqls
from {{ ref('lead_acceptance') }} as acceptance
left join {{ ref('mql_dispositions') }} as dispositions
    on
        acceptance.fiscal_quarter = dispositions.fiscal_quarter
        and acceptance.dimension_value = coalesce(dispositions.channel, 'unknown')
        and dispositions.reason = 'all'
where
    acceptance.dimension = 'channel'
    and (
        dispositions.mqls is null
        or acceptance.mqls != dispositions.mqls
        or acceptance.accepted != dispositions.accepted
        or acceptance.rejected != dispositions.rejected
    )
