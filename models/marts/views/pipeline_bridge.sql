-- One row per view and step on the way from the view's total to the reconciled pipeline.
{%- set criteria = ['stage', 'amount', 'close_date', 'source', 'decision_maker'] %}
{%- set joining_reasons = {
    'marketing': ['no_marketing_touch'],
    'sales': ['renewal'],
    'expansion': ['new_business'],
    'forecast': ['outside_quarter', 'not_late_stage'],
} %}
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Each deal once per view, with what the view counts of it and why it is on one side only.
compared as (
    {%- for view, reasons in joining_reasons.items() %}
    select
        '{{ view }}' as view,
        is_in_{{ view }} as is_in_view,
        is_in_reconciled,
        coalesce({{ 'weighted_amount' if view == 'forecast' else 'amount' }}, 0) as view_amount,
        coalesce(amount, 0) as full_amount,
        case when is_duplicate_of_open then 'duplicate' else failing_criterion end
            as leaving_reason,
        {%- if view == 'forecast' %}
        case when is_closing_in_quarter then 'not_late_stage' else 'outside_quarter' end
            as joining_reason
        {%- else %}
        '{{ reasons[0] }}' as joining_reason
        {%- endif %}
    from opportunities
    where is_in_{{ view }} or is_in_reconciled
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        view,
        'view_total' as step,
        count(*) as opportunity_count,
        sum(view_amount) as amount
    from compared
    where is_in_view
    group by view
    union all
    select
        view,
        'less ' || leaving_reason as step,
        -count(*) as opportunity_count,
        -sum(view_amount) as amount
    from compared
    where is_in_view and not is_in_reconciled
    group by view, leaving_reason
    union all
    select
        view,
        'plus ' || joining_reason as step,
        count(*) as opportunity_count,
        sum(full_amount) as amount
    from compared
    where is_in_reconciled and not is_in_view
    group by view, joining_reason
    union all
    select
        view,
        'probability_weighting' as step,
        0 as opportunity_count,
        sum(full_amount - view_amount) as amount
    from compared
    where is_in_reconciled and is_in_view and view = 'forecast'
    group by view
    union all
    select
        view,
        'reconciled' as step,
        count(*) as opportunity_count,
        sum(full_amount) as amount
    from compared
    where is_in_reconciled
    group by view
),

-- Steps of nothing are listed too, so that every bridge has the same shape every week.
steps as (
    {%- for view, reasons in joining_reasons.items() %}
    {%- set steps = ['view_total', 'less duplicate'] %}
    {%- for criterion in criteria %}{% do steps.append('less ' ~ criterion) %}{% endfor %}
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
        {{ as_of_date() }} as as_of_date,
        steps.view,
        steps.step_order,
        steps.step,
        cast(coalesce(counted.opportunity_count, 0) as bigint) as opportunity_count,
        cast(coalesce(counted.amount, 0) as {{ type_money() }}) as amount
    from steps
    left join counted
        on steps.view = counted.view and steps.step = counted.step
)

select * from bridged
