-- One row per published run and headline number: what was said, when, and by which definitions.
with

carried as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

opportunities as (
    select
        *,
        {{ fiscal_quarter_start('qualified_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_qualified_in_quarter,
        {{ fiscal_quarter_start('crm_created_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_claimed_in_quarter,
        {{ fiscal_quarter_start('close_day') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_closed_in_quarter
    from {{ ref('fct_opportunities') }}
),

coverage as (
    select * from {{ ref('fct_coverage') }}
    where quarter_start_date = {{ fiscal_quarter_start(as_of_date()) }}
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
        (
            'won_in_quarter',
            "stage_group = 'won' and is_closed_in_quarter and not is_excluded",
            'amount'
        ),
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
