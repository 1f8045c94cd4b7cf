-- Each opportunity as it is at as-of: its last state, when it closed, how often it was pushed.
with

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where valid_to is null
),

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
    where valid_to is null
),

rates as (
    select * from {{ ref('dim_exchange_rates') }}
),

paced as (
    select
        *,
        lag(stage_group) over (partition by opportunity_id order by valid_from)
            as previous_stage_group,
        lag(close_date) over (partition by opportunity_id order by valid_from)
            as previous_close_date,
        max(case when is_unknown_stage then valid_from end) over (partition by opportunity_id)
            as unknown_stage_at
    from states
),

summed as (
    select
        opportunity_id,
        sum(
            case
                when
                    stage_group = 'open'
                    and previous_stage_group = 'open'
                    and {{ fiscal_quarter_start('close_date') }}
                    > {{ fiscal_quarter_start('previous_close_date') }}
                    then 1
                else 0
            end
        ) as push_count,
        min(case when stage_group != 'open' then valid_from end) as first_closed_at,
        max(case when is_unknown_stage then 1 else 0 end) = 1 as has_unknown_stage,
        max(case when valid_from = unknown_stage_at then stage end) as latest_unknown_stage
    from paced
    group by opportunity_id
),

-- A closed deal is converted at the rate of its close day, an open one at that of as-of.
at_as_of as (
    select
        spells.opportunity_id,
        spells.stage,
        spells.stage_order,
        spells.stage_group,
        spells.is_late_stage,
        spells.is_stage_met,
        spells.amount as deal_amount,
        spells.currency,
        spells.close_date,
        spells.probability,
        spells.failing_criterion,
        summed.first_closed_at,
        closings.closed_at,
        closings.close_day,
        summed.push_count,
        summed.has_unknown_stage,
        summed.latest_unknown_stage,
        case
            when closings.opportunity_id is not null then closings.amount
            else {{ converted('spells.amount', 'rates.conversion_rate') }}
        end as amount
    from spells
    inner join summed
        on spells.opportunity_id = summed.opportunity_id
    left join closings
        on spells.opportunity_id = closings.opportunity_id
    left join rates
        on {{ is_rate_of_day('rates', 'spells.currency', as_of_date()) }}
)

select * from at_as_of
