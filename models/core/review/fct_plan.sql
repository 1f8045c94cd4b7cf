-- One row per fiscal quarter from the running one to the fifth after it: what the plan rests on.
with

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

spells as (
    select * from {{ ref('fct_pipeline_spells') }}
    where valid_to is null
),

sold_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where motion != 'renewal'
),

exchange_rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

capacity_plan as (
    select * from {{ ref('capacity_plan') }}
),

targets as (
    select * from {{ ref('fct_creation_targets') }}
),

net_new_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where verdict = 'net_new'
),

running as (
    select * from {{ ref('dim_dates') }}
    where date_day = {{ as_of_date() }}
),

quarters as (
    select
        fiscal_quarter,
        quarter_start_date,
        sum(quota) as quota,
        sum(won_amount) as won_amount
    from coverage
    group by fiscal_quarter, quarter_start_date
),

weighted as (
    select
        {{ fiscal_quarter_start('spells.close_date') }} as quarter_start_date,
        sum(
            {{ money(
                converted('spells.amount', 'exchange_rates.conversion_rate')
                ~ ' * spells.probability'
            ) }}
        ) as forecast_amount
    from spells
    inner join sold_opportunities
        on spells.opportunity_id = sold_opportunities.opportunity_id
    left join exchange_rates
        on {{ is_rate_of_day('exchange_rates', 'spells.currency', as_of_date()) }}
    group by {{ fiscal_quarter_start('spells.close_date') }}
),

capacity as (
    select
        fiscal_quarter,
        sum(ramped_heads * productivity_per_head) as capacity_amount
    from capacity_plan
    group by fiscal_quarter
),

required as (
    select
        fiscal_quarter,
        sum(target_amount) as creation_required_amount
    from targets
    group by fiscal_quarter
),

-- Of the running quarter's own days, including those of a week that began in the quarter before.
created as (
    select
        running.fiscal_quarter,
        running.quarter_start_date,
        running.quarter_end_date,
        coalesce(sum(net_new_opportunities.created_amount), 0) as created_amount
    from running
    left join net_new_opportunities
        on running.quarter_start_date <= net_new_opportunities.qualified_date
    group by running.fiscal_quarter, running.quarter_start_date, running.quarter_end_date
),

joined as (
    select
        quarters.fiscal_quarter,
        quarters.quarter_start_date,
        cast(capacity.capacity_amount as {{ type_money() }}) as capacity_amount,
        cast(required.creation_required_amount as {{ type_money() }}) as creation_required_amount,
        cast(created.created_amount as {{ type_money() }}) as created_amount,
        cast(required.creation_required_amount as {{ type_double() }})
        * ({{ days_between('created.quarter_start_date', as_of_date()) }} + 1)
        / ({{ days_between('created.quarter_start_date', 'created.quarter_end_date') }} + 1)
            as creation_target_to_date,
        cast(quarters.quota as {{ type_money() }}) as quota,
        cast(quarters.won_amount as {{ type_money() }}) as won_amount,
        cast(coalesce(weighted.forecast_amount, 0) as {{ type_money() }}) as forecast_amount
    from quarters
    left join capacity
        on quarters.fiscal_quarter = capacity.fiscal_quarter
    left join required
        on quarters.fiscal_quarter = required.fiscal_quarter
    left join created
        on quarters.fiscal_quarter = created.fiscal_quarter
    left join weighted
        on quarters.quarter_start_date = weighted.quarter_start_date
),

-- A quarter without a plan is not covered; where nothing is asked for, everything is.
answered as (
    select
        fiscal_quarter,
        quarter_start_date,
        capacity_amount,
        creation_required_amount,
        created_amount,
        quota,
        won_amount,
        forecast_amount,
        coalesce(capacity_amount, 0) >= coalesce(creation_required_amount, 0)
            as is_capacity_enough,
        coalesce(cast(created_amount as {{ type_double() }}) >= creation_target_to_date, true)
            as is_creation_on_pace,
        won_amount + forecast_amount >= coalesce(quota, 0) as is_forecast_enough
    from joined
)

select * from answered
