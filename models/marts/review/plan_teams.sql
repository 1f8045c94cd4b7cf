-- One row per fiscal quarter from the running one to the fifth after it and team of its plan: what
-- is asked of the team, and what it can create.
with

capacity as (
    select * from {{ ref('int_capacity_plan__by_team') }}
),

source_targets as (
    select * from {{ ref('fct_source_targets') }}
),

net_new_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_net_new
),

dates as (
    select * from {{ ref('dim_dates') }}
    where date_day = quarter_start_date
),

bounds as (
    select
        {{ fiscal_quarter_start(as_of_date()) }} as quarter_start_date,
        {{ full_quarters_start(fiscal_quarter_start(as_of_date())) }} as window_start_date
),

quarters as (
    select
        dates.fiscal_quarter,
        dates.quarter_start_date
    from dates
    cross join bounds
    where
        bounds.quarter_start_date <= dates.quarter_start_date
        and dates.quarter_start_date
        <= {{ date_plus_months('bounds.quarter_start_date', 3 * var('quarters_ahead')) }}
),

-- Heads of the four full quarters, of those of them that the plan has; where it has none, of now.
past_heads as (
    select
        capacity.team,
        cast(
            sum(
                case
                    when dates.quarter_start_date < bounds.quarter_start_date
                        then capacity.ramped_heads
                end
            ) as {{ type_double() }}
        )
        / nullif(
            count(
                case
                    when dates.quarter_start_date < bounds.quarter_start_date
                        then capacity.ramped_heads
                end
            ),
            0
        ) as mean_heads,
        cast(
            max(
                case
                    when dates.quarter_start_date = bounds.quarter_start_date
                        then capacity.ramped_heads
                end
            ) as {{ type_double() }}
        ) as heads_now
    from capacity
    inner join dates
        on capacity.fiscal_quarter = dates.fiscal_quarter
    cross join bounds
    where
        bounds.window_start_date <= dates.quarter_start_date
        and dates.quarter_start_date <= bounds.quarter_start_date
    group by capacity.team
),

past_creation as (
    select
        net_new_opportunities.pipeline_source,
        sum(coalesce(net_new_opportunities.created_amount, 0)) as created_amount
    from net_new_opportunities
    cross join bounds
    where
        bounds.window_start_date <= net_new_opportunities.qualified_date
        and net_new_opportunities.qualified_date < bounds.quarter_start_date
    group by net_new_opportunities.pipeline_source
),

performed as (
    select
        past_heads.team,
        cast(coalesce(past_creation.created_amount, 0) as {{ type_double() }})
        / {{ var('full_quarters') }}
        / nullif(coalesce(past_heads.mean_heads, past_heads.heads_now), 0) as net_new_per_head
    from past_heads
    left join past_creation
        on past_heads.team = past_creation.pipeline_source
),

shared_quarters as (
    select distinct fiscal_quarter
    from source_targets
),

asked as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        capacity.team,
        capacity.ramped_heads,
        capacity.capacity_amount,
        -- Without a share in a quarter that has shares nothing is asked, whatever the target.
        cast(
            case
                when source_targets.pipeline_source is not null then source_targets.target_amount
                when shared_quarters.fiscal_quarter is not null then 0
            end as {{ type_money() }}
        ) as asked_amount,
        performed.net_new_per_head
    from quarters
    inner join capacity
        on quarters.fiscal_quarter = capacity.fiscal_quarter
    left join shared_quarters
        on quarters.fiscal_quarter = shared_quarters.fiscal_quarter
    left join source_targets
        on
            quarters.fiscal_quarter = source_targets.fiscal_quarter
            and capacity.team = source_targets.pipeline_source
    left join performed
        on capacity.team = performed.team
),

answered as (
    select
        {{ as_of_date() }} as as_of_date,
        fiscal_quarter,
        quarter_start_date,
        team,
        cast(ramped_heads as decimal(18, 2)) as ramped_heads,
        capacity_amount,
        asked_amount,
        cast({{ rounded('net_new_per_head', 2) }} as {{ type_money() }}) as net_new_per_head,
        cast(asked_amount as {{ type_double() }}) / nullif(net_new_per_head, 0) as heads_needed,
        capacity_amount >= asked_amount as is_enough
    from asked
)

select * from answered
