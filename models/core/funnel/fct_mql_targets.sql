-- One row per fiscal quarter and channel for which MQLs are planned.
select
    fiscal_quarter,
    channel,
    target_mqls
from {{ ref('int_mql_targets__matched') }}
