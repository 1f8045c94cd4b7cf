-- One row per segment, and `all`: what marketing sourced and what it influenced of the reconciled
-- pipeline.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where is_in_reconciled
),

scoped as (
    select
        segment,
        pipeline_source,
        is_influenced,
        coalesce(amount, 0) as amount
    from opportunities
    union all
    select
        'all' as segment,
        pipeline_source,
        is_influenced,
        coalesce(amount, 0) as amount
    from opportunities
),

summed as (
    select
        {{ as_of_date() }} as as_of_date,
        segment,
        count(*) as opportunity_count,
        cast(sum(amount) as {{ type_money() }}) as amount,
        {%- for name, condition in {
            'sourced': "pipeline_source = 'marketing'",
            'influenced': 'is_influenced',
            'untouched': "pipeline_source != 'marketing' and not is_influenced",
        }.items() %}
        cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ name }}_count,
        cast(sum(case when {{ condition }} then amount else 0 end) as {{ type_money() }})
            as {{ name }}_amount
        {{- ',' if not loop.last }}
        {%- endfor %}
    from scoped
    group by segment
)

select * from summed
