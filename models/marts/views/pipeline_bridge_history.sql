-- One row per past day, view and step on the way from the view's total to the reconciled pipeline.
{#- Why a deal of the reconciled pipeline is not in a view, in the order of the steps. -#}
{%- set joining_reasons = {
    'marketing': ['no_marketing_touch'],
    'sales': ['renewal'],
    'expansion': ['new_business'],
    'forecast': ['outside_quarter', 'not_late_stage'],
} %}
with

members as (
    select * from {{ ref('fct_view_history') }}
),

days as (
    select * from {{ ref('dim_history_days') }}
),

parts as (
    {%- for view, reasons in joining_reasons.items() %}
    {%- set view_amount = 'weighted_amount' if view == 'forecast' else 'amount' %}
    select
        date_day,
        '{{ view }}' as view,
        'view_total' as step,
        opportunity_count,
        {{ view_amount }} as amount
    from members
    where in_{{ view }}
    union all
    select
        date_day,
        '{{ view }}' as view,
        'less ' || leaving_reason as step,
        -opportunity_count as opportunity_count,
        -{{ view_amount }} as amount
    from members
    where in_{{ view }} and not in_reconciled
    union all
    select
        date_day,
        '{{ view }}' as view,
        {%- if view == 'forecast' %}
        'plus '
        || case when is_closing_in_quarter then 'not_late_stage' else 'outside_quarter' end
            as step,
        {%- else %}
        'plus {{ reasons[0] }}' as step,
        {%- endif %}
        opportunity_count,
        amount
    from members
    where in_reconciled and not in_{{ view }}
    union all
    {%- if view == 'forecast' %}
    select
        date_day,
        '{{ view }}' as view,
        'probability_weighting' as step,
        0 as opportunity_count,
        amount - weighted_amount as amount
    from members
    where in_reconciled and in_{{ view }}
    union all
    {%- endif %}
    select
        date_day,
        '{{ view }}' as view,
        'reconciled' as step,
        opportunity_count,
        amount
    from members
    where in_reconciled
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        date_day,
        view,
        step,
        sum(opportunity_count) as opportunity_count,
        sum(amount) as amount
    from parts
    group by date_day, view, step
),

-- Steps of nothing are listed too, so that every bridge has the same shape every week.
steps as (
    {%- for view, reasons in joining_reasons.items() %}
    {%- set steps = ['view_total', 'less duplicate'] %}
    {%- for criterion in qualification_criteria() %}
    {%- do steps.append('less ' ~ criterion) %}
    {%- endfor %}
    {%- for reason in reasons %}{% do steps.append('plus ' ~ reason) %}{% endfor %}
    {%- if view == 'forecast' %}{% do steps.append('probability_weighting') %}{% endif %}
    {%- do steps.append('reconciled') %}
    {%- set last_view = loop.last %}
    {%- for step in steps %}
    select
        '{{ view }}' as view,
        {{ loop.index }} as step_order,
        '{{ step }}' as step
    {%- if not (last_view and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

bridged as (
    select
        days.date_day as as_of_date,
        days.is_period_end,
        steps.view,
        steps.step_order,
        steps.step,
        {{ is_total_step('steps.step') }} as is_total,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from days
    cross join steps
    left join counted
        on
            days.date_day = counted.date_day
            and steps.view = counted.view
            and steps.step = counted.step
)

select * from bridged
