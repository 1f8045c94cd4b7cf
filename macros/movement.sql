{#-
The movement of the reconciled pipeline between two dates: its steps in their order, and the deals
that make each of them.
-#}

{#-
The steps from the opening to the closing pipeline in their order: rows of step_order and step. The
first reason that applies is a deal's one, so that their order is a rule as well. Over all quarters
no deal can move into another quarter: `within_quarter=false` leaves those steps out.
-#}
{% macro movement_steps(within_quarter=true) -%}
    {%- set steps = ['opening', 'won', 'lost', 'excluded'] %}
    {%- if within_quarter %}{% do steps.extend(['pushed_out', 'pulled_out']) %}{% endif %}
    {%- do steps.extend(['disqualified', 'created', 'reopened']) %}
    {%- if within_quarter %}{% do steps.extend(['pulled_in', 'pushed_in']) %}{% endif %}
    {%- do steps.extend(['requalified', 'amount_up', 'amount_down', 'exchange_rate', 'closing']) %}
    {%- for step in steps %}
    select
        {{ loop.index }} as step_order,
        '{{ step }}' as step
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#-
What moved between two dates, for any pairs of dates at once.

`pairs` is a relation of pair_id, from_date, to_date, scope, scope_start_date and scope_end_date
(null for the scope `all`); the others are the core tables of the same name. Gives one row per pair
and step that has deals in it: pair_id, step, opportunity_count, amount. Each step is counted from
the deals that make it, so that opening + steps = closing can fail.
-#}
{% macro movements_between(
    pairs, pipeline_spells, opportunity_states, exclusion_spells, opportunities, exchange_rates
) -%}
select
    pair_id,
    step,
    sum(opportunity_count) as opportunity_count,
    sum(amount) as amount
from (
    {{ movement_parts(
        pairs, pipeline_spells, opportunity_states, exclusion_spells, opportunities, exchange_rates
    ) }}
) as parts
group by pair_id, step
{%- endmacro %}


{% macro movement_parts(
    pairs, pipeline_spells, opportunity_states, exclusion_spells, opportunities, exchange_rates
) -%}
with

pairs as (
    select
        *,
        {{ day_end('from_date') }} as from_end,
        {{ day_end('to_date') }} as to_end
    from {{ pairs }}
),

days as (
    select
        from_date as date_day,
        from_end as day_ended_at
    from pairs
    union distinct
    select
        to_date as date_day,
        to_end as day_ended_at
    from pairs
),

members as (
    select
        days.date_day,
        spells.opportunity_id,
        spells.amount as deal_amount,
        spells.currency,
        spells.close_date,
        coalesce({{ converted('spells.amount', 'rates.conversion_rate') }}, 0) as amount
    from days
    inner join {{ pipeline_spells }} as spells
        on {{ held_at_end_of_day('spells', 'days.day_ended_at') }}
    left join {{ exchange_rates }} as rates
        on {{ is_rate_of_day('rates', 'spells.currency', 'days.date_day') }}
),

opening as (
    select
        pairs.pair_id,
        members.opportunity_id,
        members.amount
    from pairs
    inner join members
        on pairs.from_date = members.date_day
    where
        pairs.scope_start_date is null
        or members.close_date between pairs.scope_start_date and pairs.scope_end_date
),

closing as (
    select
        pairs.pair_id,
        members.opportunity_id,
        members.amount,
        members.deal_amount,
        members.currency
    from pairs
    inner join members
        on pairs.to_date = members.date_day
    where
        pairs.scope_start_date is null
        or members.close_date between pairs.scope_start_date and pairs.scope_end_date
),

stayed as (
    select
        opening.pair_id,
        opening.amount as opening_amount,
        closing.amount as closing_amount,
        coalesce(
            {{ converted('closing.deal_amount', 'rates.conversion_rate') }}, closing.amount
        ) as closing_amount_at_opening_rate
    from opening
    inner join closing
        on
            opening.pair_id = closing.pair_id
            and opening.opportunity_id = closing.opportunity_id
    inner join pairs
        on opening.pair_id = pairs.pair_id
    left join {{ exchange_rates }} as rates
        on {{ is_rate_of_day('rates', 'closing.currency', 'pairs.from_date') }}
),

-- What was in the pipeline at the first date and is not at the second.
departed as (
    select
        opening.pair_id,
        opening.opportunity_id,
        opening.amount,
        pairs.scope_start_date,
        pairs.scope_end_date,
        pairs.to_end
    from opening
    inner join pairs
        on opening.pair_id = pairs.pair_id
    where not exists (
        select 1
        from closing
        where
            opening.pair_id = closing.pair_id
            and opening.opportunity_id = closing.opportunity_id
    )
),

excluded as (
    select distinct
        departed.pair_id,
        departed.opportunity_id
    from departed
    inner join {{ exclusion_spells }} as exclusions
        on
            departed.opportunity_id = exclusions.opportunity_id
            and {{ held_at_end_of_day('exclusions', 'departed.to_end') }}
),

-- Why a deal is in scope at one end only is decided by how it stands at the other.
left_by_step as (
    select
        departed.pair_id,
        departed.amount,
        case
            when states.stage_group = 'won' then 'won'
            when states.stage_group = 'lost' then 'lost'
            when excluded.opportunity_id is not null then 'excluded'
            when states.close_date > departed.scope_end_date then 'pushed_out'
            when states.close_date < departed.scope_start_date then 'pulled_out'
            else 'disqualified'
        end as step
    from departed
    left join excluded
        on
            departed.pair_id = excluded.pair_id
            and departed.opportunity_id = excluded.opportunity_id
    left join {{ opportunity_states }} as states
        on
            departed.opportunity_id = states.opportunity_id
            and {{ held_at_end_of_day('states', 'departed.to_end') }}
),

joined_by_step as (
    select
        closing.pair_id,
        closing.amount,
        case
            when
                opportunities.qualified_at >= pairs.from_end
                and opportunities.qualified_at < pairs.to_end
                then 'created'
            when states.stage_group in ('won', 'lost') then 'reopened'
            when states.close_date > pairs.scope_end_date then 'pulled_in'
            when states.close_date < pairs.scope_start_date then 'pushed_in'
            else 'requalified'
        end as step
    from closing
    inner join pairs
        on closing.pair_id = pairs.pair_id
    inner join {{ opportunities }} as opportunities
        on closing.opportunity_id = opportunities.opportunity_id
    left join {{ opportunity_states }} as states
        on
            closing.opportunity_id = states.opportunity_id
            and {{ held_at_end_of_day('states', 'pairs.from_end') }}
    where not exists (
        select 1
        from opening
        where
            closing.pair_id = opening.pair_id
            and closing.opportunity_id = opening.opportunity_id
    )
)

select
    pair_id,
    'opening' as step,
    1 as opportunity_count,
    amount
from opening
union all
select
    pair_id,
    step,
    -1 as opportunity_count,
    -amount as amount
from left_by_step
union all
select
    pair_id,
    step,
    1 as opportunity_count,
    amount
from joined_by_step
union all
select
    pair_id,
    'amount_up' as step,
    0 as opportunity_count,
    closing_amount_at_opening_rate - opening_amount as amount
from stayed
where closing_amount_at_opening_rate > opening_amount
union all
select
    pair_id,
    'amount_down' as step,
    0 as opportunity_count,
    closing_amount_at_opening_rate - opening_amount as amount
from stayed
where closing_amount_at_opening_rate < opening_amount
union all
select
    pair_id,
    'exchange_rate' as step,
    0 as opportunity_count,
    closing_amount - closing_amount_at_opening_rate as amount
from stayed
where closing_amount != closing_amount_at_opening_rate
union all
select
    pair_id,
    'closing' as step,
    1 as opportunity_count,
    amount
from closing
{%- endmacro %}
