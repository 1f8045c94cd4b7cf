-- A row is a quarter and channel in which the MQLs that are held are not those undecided.
with

held as (
    select
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        channel,
        count(*) as held_count
    from {{ ref('held_mqls') }}
    group by {{ fiscal_quarter(business_date('mql_at')) }}, channel
),

dispositions as (
    select
        fiscal_quarter,
        channel,
        undecided
    from {{ ref('mql_dispositions') }}
    where reason = 'all'
)

select
    coalesce(held.fiscal_quarter, dispositions.fiscal_quarter) as fiscal_quarter,
    coalesce(held.channel, dispositions.channel) as channel,
    held.held_count,
    dispositions.undecided
from held
full outer join dispositions
    on
        held.fiscal_quarter = dispositions.fiscal_quarter
        and held.channel = dispositions.channel
where coalesce(held.held_count, 0) != coalesce(dispositions.undecided, 0)
