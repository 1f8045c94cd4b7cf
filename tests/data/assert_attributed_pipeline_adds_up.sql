-- A row is one whose open, won and lost money do not make its amount, or a model that shares out
-- other money than the deals have, each counted once.
with

attributed as (
    select * from {{ ref('attributed_pipeline') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- A duplicate counts only where it succeeds its original, which then does not.
deals as (
    select coalesce(sum(opportunities.amount), 0) as amount
    from opportunities
    left join opportunities as originals
        on opportunities.opportunity_id = originals.successor_opportunity_id
    where
        opportunities.is_influenced
        and opportunities.successor_opportunity_id is null
        and (opportunities.verdict != 'duplicate' or originals.opportunity_id is not null)
)

select
    model,
    channel,
    amount,
    open_amount + won_amount + lost_amount as expected_amount
from attributed
where amount != open_amount + won_amount + lost_amount
union all
select
    attributed.model,
    'all' as channel,
    sum(attributed.amount) as amount,
    max(deals.amount) as expected_amount
from attributed
cross join deals
group by attributed.model
having sum(attributed.amount) != max(deals.amount)
