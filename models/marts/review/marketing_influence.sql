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
        pipeline_source = 'marketing' as is_sourced,
        is_influenced,
        is_influenced_by_role,
        pipeline_source != 'marketing' and not is_influenced as is_untouched,
        coalesce(amount, 0) as amount
    from opportunities
    union all
    select
        'all' as segment,
        pipeline_source = 'marketing' as is_sourced,
        is_influenced,
        is_influenced_by_role,
        pipeline_source != 'marketing' and not is_influenced as is_untouched,
        coalesce(amount, 0) as amount
    from opportunities
),

summed as (
    select
        {{ as_of_date() }} as as_of_date,
        segment,
        count(*) as opportunity_count,
        cast(sum(amount) as {{ type_money() }}) as amount,
        cast(sum(case when is_sourced then 1 else 0 end) as bigint) as sourced_count,
        cast(
            sum(case when is_sourced then amount else 0 end) as {{ type_money() }}
        ) as sourced_amount,
        cast(sum(case when is_influenced then 1 else 0 end) as bigint) as influenced_count,
        cast(
            sum(case when is_influenced then amount else 0 end) as {{ type_money() }}
        ) as influenced_amount,
        cast(sum(case when is_influenced_by_role then 1 else 0 end) as bigint)
            as influenced_by_role_count,
        cast(
            sum(case when is_influenced_by_role then amount else 0 end) as {{ type_money() }}
        ) as influenced_by_role_amount,
        cast(sum(case when is_untouched then 1 else 0 end) as bigint) as untouched_count,
        cast(
            sum(case when is_untouched then amount else 0 end) as {{ type_money() }}
        ) as untouched_amount
    from scoped
    group by segment
)

select * from summed
