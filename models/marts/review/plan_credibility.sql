-- One row per fiscal quarter from the running one to the fifth after it: whether the plan can hold.
with

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

teams as (
    select * from {{ ref('plan_teams') }}
),

targets as (
    select * from {{ ref('fct_creation_targets') }}
),

source_targets as (
    select * from {{ ref('fct_source_targets') }}
),

net_new_opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_net_new
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

-- A sum of which a part is unknown is unknown.
capacity as (
    select
        fiscal_quarter,
        case when count(capacity_amount) = count(*) then sum(capacity_amount) end
            as capacity_amount,
        min(case when is_enough then 1 when not is_enough then 0 end) = 0 as is_any_short,
        count(is_enough) < count(*) as is_any_unknown
    from teams
    group by fiscal_quarter
),

required as (
    select
        fiscal_quarter,
        case when count(target_amount) = count(*) then sum(target_amount) end as creation_target
    from targets
    group by fiscal_quarter
),

shared_quarters as (
    select distinct fiscal_quarter
    from source_targets
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
        cast(required.creation_target as {{ type_money() }}) as creation_target,
        cast(created.created_amount as {{ type_money() }}) as created_amount,
        cast(capacity.capacity_amount as {{ type_money() }}) as capacity_amount,
        cast(quarters.quota as {{ type_money() }}) as quota,
        cast(quarters.won_amount as {{ type_money() }}) as won_amount,
        cast(null as {{ type_money() }}) as expected_amount,
        case
            when capacity.is_any_short then false
            when not capacity.is_any_unknown then true
        end as capacity_ok,
        -- Multiplied out, so that a target that is met to the cent is met.
        created.created_amount
        * ({{ days_between('created.quarter_start_date', 'created.quarter_end_date') }} + 1)
        >= required.creation_target
        * ({{ days_between('created.quarter_start_date', as_of_date()) }} + 1) as creation_ok,
        cast(null as boolean) as projection_ok,
        coalesce(
            quarters.quota is not null
            and capacity.capacity_amount is not null
            and shared_quarters.fiscal_quarter is not null
            and required.fiscal_quarter is not null,
            false
        ) as is_planned
    from quarters
    left join capacity
        on quarters.fiscal_quarter = capacity.fiscal_quarter
    left join required
        on quarters.fiscal_quarter = required.fiscal_quarter
    left join shared_quarters
        on quarters.fiscal_quarter = shared_quarters.fiscal_quarter
    left join created
        on quarters.fiscal_quarter = created.fiscal_quarter
),

judged as (
    select
        {{ as_of_date() }} as as_of_date,
        fiscal_quarter,
        quarter_start_date,
        creation_target,
        created_amount,
        capacity_amount,
        quota,
        won_amount,
        expected_amount,
        capacity_ok,
        creation_ok,
        projection_ok,
        case
            when not is_planned then 'not_planned'
            when creation_target is null then 'target_unknown'
            when not capacity_ok then 'capacity'
            when not creation_ok then 'creation'
            when not projection_ok then 'projection'
            else 'credible'
        end as status
    from joined
)

select * from judged
