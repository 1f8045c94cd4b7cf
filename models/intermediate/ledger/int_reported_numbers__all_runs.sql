-- Every headline number of every published run, this one's included.
with

carried as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

deals as (
    select * from {{ ref('fct_opportunities') }}
),

-- Won counts as coverage counts it.
won as (
    select opportunity_id
    from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_won_money
),

opportunities as (
    select
        deals.*,
        won.opportunity_id is not null as is_won,
        {{ fiscal_quarter_start('qualified_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_qualified_in_quarter,
        {{ fiscal_quarter_start('crm_created_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_claimed_in_quarter,
        {{ fiscal_quarter_start('close_day') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_closed_in_quarter
    from deals
    left join won
        on deals.opportunity_id = won.opportunity_id
),

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where
        coverage_date = {{ as_of_date() }}
        and quarter_start_date = {{ fiscal_quarter_start(as_of_date()) }}
),

measured as (
    {%- for metric, condition, amount in [
        ('marketing_pipeline', 'is_in_marketing', 'amount'),
        ('sales_pipeline', 'is_in_sales', 'amount'),
        ('expansion_pipeline', 'is_in_expansion', 'amount'),
        ('forecast_pipeline', 'is_in_forecast', 'weighted_amount'),
        ('reconciled_pipeline', 'is_in_reconciled', 'amount'),
        ('claimed_in_quarter', 'is_claimed_in_quarter', 'amount'),
        ('net_new_in_quarter', 'is_net_new and is_qualified_in_quarter', 'created_amount'),
        ('won_in_quarter', 'is_won and is_closed_in_quarter', 'amount'),
    ] %}
    select
        '{{ metric }}' as metric,
        count(*) as reported_count,
        coalesce(sum({{ amount }}), 0) as reported_amount
    from opportunities
    where {{ condition }}
    union all
    {%- endfor %}
    select
        'required_in_quarter' as metric,
        count(*) as reported_count,
        coalesce(sum(required), 0) as reported_amount
    from coverage
    where required is not null
),

reported as (
    select
        {{ reported_at() }} as reported_at,
        {{ as_of_date() }} as as_of_date,
        metric,
        cast(reported_count as bigint) as reported_count,
        cast(reported_amount as {{ type_money() }}) as reported_amount,
        '{{ var("definitions_version") }}' as definitions_version,
        '{{ var("code_version") }}' as code_version
    from measured
),

appended as (
    select * from carried
    union all
    select * from reported
)

select * from appended
