-- Each deal as it stands at as-of: its last state, when it closed, how often it was pushed.
with

states as (
    select * from {{ ref('int_opportunity_states__built') }}
),

spells as (
    select * from {{ ref('int_opportunity_spells__judged') }}
    where valid_to is null
),

rates as (
    select * from {{ ref('int_exchange_rates__dated') }}
),

paced as (
    select
        *,
        lag(stage_group) over timeline as previous_stage_group,
        lag(close_date) over timeline as previous_close_date
    from states
    window timeline as (partition by opportunity_id order by valid_from)
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
        min(valid_from) as first_state_at,
        min(case when stage_group != 'open' then valid_from end) as first_closed_at,
        -- The last unbroken run of closed states begins where the last open one ends.
        max(case when stage_group = 'open' then valid_to end) as last_open_ended_at,
        max(case when is_unknown_stage then 1 else 0 end) as unknown_stage_flag
    from paced
    group by opportunity_id
),

closed as (
    select
        spells.*,
        summed.push_count,
        summed.first_closed_at,
        summed.unknown_stage_flag = 1 as has_unknown_stage,
        case
            when spells.stage_group != 'open'
                then coalesce(summed.last_open_ended_at, summed.first_state_at)
        end as closed_at
    from spells
    inner join summed
        on spells.opportunity_id = summed.opportunity_id
),

dated as (
    select
        *,
        {{ business_date('closed_at') }} as closed_date
    from closed
),

close_days as (
    select
        *,
        case
            when stage_group = 'lost' then closed_date
            when stage_group = 'won'
                then
                    case
                        when
                            close_date <= closed_date
                            and close_date >= {{ date_plus_days(
                                'closed_date', -1 * var('close_day_tolerance_days')
                            ) }}
                            then close_date
                        else closed_date
                    end
        end as close_day
    from dated
),

presented as (
    select
        close_days.opportunity_id,
        close_days.stage,
        close_days.stage_order,
        close_days.stage_group,
        close_days.is_late_stage,
        close_days.is_stage_met,
        close_days.amount as deal_amount,
        close_days.currency,
        close_days.close_date,
        close_days.probability,
        close_days.failing_criterion,
        close_days.first_closed_at,
        close_days.closed_at,
        close_days.close_day,
        close_days.push_count,
        close_days.has_unknown_stage,
        rates.conversion_rate,
        {{ converted('close_days.amount', 'rates.conversion_rate') }} as amount
    from close_days
    left join rates
        on
            close_days.currency = rates.currency
            and coalesce(close_days.close_day, {{ as_of_date() }}) >= rates.valid_from_date
            and coalesce(close_days.close_day, {{ as_of_date() }}) < rates.valid_to_date
)

select * from presented
