-- One row per period and step on the way from what was claimed to what was net-new.
{%- set reasons = [
    'excluded', 're_dated', 'unqualified', 'duplicate', 'renewal', 'recycled',
    'qualified_in_other_period',
] %}
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- A period is compared by its first day and named afterwards.
dated as (
    {%- for grain, first_day in [
        ('fiscal_quarter', fiscal_quarter_start), ('week', week_start)
    ] %}
    select
        '{{ grain }}' as period_grain,
        verdict,
        is_re_dated,
        coalesce(amount, 0) as amount,
        coalesce(created_amount, 0) as created_amount,
        {{ first_day('crm_created_date') }} as claimed_period,
        {{ first_day('first_created_date') }} as first_created_period,
        case when is_net_new then {{ first_day('qualified_date') }} end as net_new_period
    from opportunities
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

reasoned as (
    select
        *,
        case
            when verdict = 'excluded' then 'excluded'
            when
                is_re_dated
                and first_created_period < claimed_period
                and (net_new_period is distinct from claimed_period)
                then 're_dated'
            when verdict != 'net_new' then verdict
            when net_new_period != claimed_period then 'qualified_in_other_period'
        end as reason
    from dated
),

counted as (
    select
        period_grain,
        claimed_period as period_start,
        'claimed' as step,
        count(*) as opportunity_count,
        sum(amount) as amount
    from reasoned
    where claimed_period is not null
    group by period_grain, claimed_period
    union all
    select
        period_grain,
        claimed_period as period_start,
        reason as step,
        -count(*) as opportunity_count,
        -sum(amount) as amount
    from reasoned
    where claimed_period is not null and reason is not null
    group by period_grain, claimed_period, reason
    union all
    select
        period_grain,
        net_new_period as period_start,
        'created_elsewhere' as step,
        count(*) as opportunity_count,
        sum(amount) as amount
    from reasoned
    where net_new_period is not null and (claimed_period is distinct from net_new_period)
    group by period_grain, net_new_period
    union all
    select
        period_grain,
        net_new_period as period_start,
        'amount_change' as step,
        0 as opportunity_count,
        sum(created_amount - amount) as amount
    from reasoned
    where net_new_period is not null
    group by period_grain, net_new_period
    union all
    select
        period_grain,
        net_new_period as period_start,
        'net_new' as step,
        count(*) as opportunity_count,
        sum(created_amount) as amount
    from reasoned
    where net_new_period is not null
    group by period_grain, net_new_period
),

periods as (
    select distinct
        period_grain,
        period_start
    from counted
    union distinct
    select
        'fiscal_quarter' as period_grain,
        {{ fiscal_quarter_start(as_of_date()) }} as period_start
    union distinct
    select
        'week' as period_grain,
        {{ week_start(as_of_date()) }} as period_start
),

steps as (
    {%- for step in ['claimed'] + reasons + ['created_elsewhere', 'amount_change', 'net_new'] %}
    select
        {{ loop.index }} as step_order,
        '{{ step }}' as step
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

audited as (
    select
        periods.period_grain,
        case periods.period_grain
            when 'week' then cast(periods.period_start as {{ dbt.type_string() }})
            else {{ fiscal_quarter('periods.period_start') }}
        end as period,
        periods.period_start,
        steps.step_order,
        steps.step,
        {{ step_label('steps.step_order', 'steps.step') }} as step_label,
        {{ is_total_step('steps.step') }} as is_total,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from periods
    cross join steps
    left join counted
        on
            periods.period_grain = counted.period_grain
            and periods.period_start = counted.period_start
            and steps.step = counted.step
)

select * from audited
