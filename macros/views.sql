{#-
What the four views add up to and how they lead to the reconciled pipeline, on any days at once.

`members` is a relation of date_day, in_marketing, in_sales, in_expansion, in_forecast,
in_reconciled, is_closing_in_quarter, leaving_reason, opportunity_count, amount and weighted_amount:
deals one by one, or counted together where all else is equal.
-#}

{#- The reasons for which a view lacks deals of the reconciled pipeline, in their order. -#}
{% macro joining_reasons() -%}
    {{- return({
        'marketing': ['no_marketing_touch'],
        'sales': ['renewal'],
        'expansion': ['new_business'],
        'forecast': ['outside_quarter', 'not_late_stage'],
    }) -}}
{%- endmacro %}


{#- Rows of view, step_order and step: those of nothing too, so that each bridge has one shape. -#}
{% macro bridge_steps() -%}
    {%- for view, reasons in joining_reasons().items() %}
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
{%- endmacro %}


{#- Rows of date_day, view, step, opportunity_count and amount, for the steps that have deals. -#}
{% macro bridge_parts(members) -%}
    select
        date_day,
        view,
        step,
        sum(opportunity_count) as opportunity_count,
        sum(amount) as amount
    from (
        {%- for view, reasons in joining_reasons().items() %}
        {%- set view_amount = 'weighted_amount' if view == 'forecast' else 'amount' %}
        select
            date_day,
            '{{ view }}' as view,
            'view_total' as step,
            opportunity_count,
            {{ view_amount }} as amount
        from {{ members }}
        where in_{{ view }}
        union all
        select
            date_day,
            '{{ view }}' as view,
            'less ' || leaving_reason as step,
            -opportunity_count as opportunity_count,
            -{{ view_amount }} as amount
        from {{ members }}
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
        from {{ members }}
        where in_reconciled and not in_{{ view }}
        union all
        {%- if view == 'forecast' %}
        select
            date_day,
            '{{ view }}' as view,
            'probability_weighting' as step,
            0 as opportunity_count,
            amount - weighted_amount as amount
        from {{ members }}
        where in_reconciled and in_{{ view }}
        union all
        {%- endif %}
        select
            date_day,
            '{{ view }}' as view,
            'reconciled' as step,
            opportunity_count,
            amount
        from {{ members }}
        where in_reconciled
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as parts
    group by date_day, view, step
{%- endmacro %}


{#- How often each measure counts a deal. -#}
{% macro double_counting_times() -%}
    {%- set view_count = 'cast(in_marketing as integer) + cast(in_sales as integer)'
        ~ ' + cast(in_expansion as integer) + cast(in_forecast as integer)' %}
    {{- return({
        'marketing': 'cast(in_marketing as integer)',
        'sales': 'cast(in_sales as integer)',
        'expansion': 'cast(in_expansion as integer)',
        'forecast': 'cast(in_forecast as integer)',
        'sum_of_views': '(' ~ view_count ~ ')',
        'union': 'cast(in_marketing or in_sales or in_expansion or in_forecast as integer)',
        'double_counted': 'greatest(' ~ view_count ~ ' - 1, 0)',
        'reconciled': 'cast(in_reconciled as integer)',
    }) -}}
{%- endmacro %}


{#- Rows of measure: those of nothing too. -#}
{% macro double_counting_measures() -%}
    {%- for measure in double_counting_times() %}
    select '{{ measure }}' as measure
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#- Rows of date_day, measure, opportunity_count and amount, for the days that have deals. -#}
{% macro double_counting_parts(members) -%}
    {%- for measure, times in double_counting_times().items() %}
    select
        date_day,
        '{{ measure }}' as measure,
        sum(opportunity_count * {{ times }}) as opportunity_count,
        sum(amount * {{ times }}) as amount
    from {{ members }}
    group by date_day
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
