-- A row is a scorecard whose weeks together differ from the net-new deals. Deals older than the
-- twenty years that dates go back are in no week.
with

scored as (
    select
        'source' as scorecard,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from {{ ref('source_scorecard') }}
    union all
    select
        'segment' as scorecard,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from {{ ref('segment_scorecard') }}
    union all
    select
        'rep' as scorecard,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from {{ ref('rep_scorecard') }}
),

deals as (
    select
        count(*) as created_count,
        coalesce(sum(created_amount), 0) as created_amount
    from {{ ref('fct_opportunities') }}
    where
        is_net_new
        and qualified_date >= (
            select min(dates.date_day) from {{ ref('dim_dates') }} as dates
        )
)

select scored.*
from scored
cross join deals
where
    coalesce(scored.created_count, 0) != deals.created_count
    or coalesce(scored.created_amount, 0) != deals.created_amount
