-- Every headline number of every published run, this one's included.
with

carried as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

-- A run of version 1 named no period: its numbers of a quarter are those of its as-of's own.
carried_with_period as (
    select
        reported_at,
        as_of_date,
        metric,
        case
            when metric like '%_in_quarter'
                then coalesce(period, {{ fiscal_quarter('as_of_date') }})
        end as period,
        reported_count,
        reported_amount,
        definitions_version,
        code_version
    from carried
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Won counts as coverage counts it.
won as (
    select * from {{ ref('fct_coverage_closings') }}
    where coverage_date = {{ as_of_date() }} and is_won_money
),

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where
        coverage_date = {{ as_of_date() }}
        and quarter_start_date = {{ fiscal_quarter_start(as_of_date()) }}
),

-- The running quarter and the ones before it.
quarters as (
    select * from {{ ref('dim_dates') }}
    where
        date_day = quarter_start_date
        and quarter_start_date <= {{ as_of_date() }}
        and quarter_start_date >= {{ date_plus_months(
            fiscal_quarter_start(as_of_date()), -3 * var('history_periods')
        ) }}
),

deals_of_a_quarter as (
    select
        'claimed_in_quarter' as metric,
        {{ fiscal_quarter_start('crm_created_date') }} as quarter_start_date,
        opportunity_id,
        amount
    from opportunities
    union all
    select
        'net_new_in_quarter' as metric,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date,
        opportunity_id,
        created_amount as amount
    from opportunities
    where is_net_new
    union all
    select
        'won_in_quarter' as metric,
        {{ fiscal_quarter_start('close_day') }} as quarter_start_date,
        opportunity_id,
        amount
    from won
),

metrics_of_a_quarter as (
    {%- for metric in ['claimed_in_quarter', 'net_new_in_quarter', 'won_in_quarter'] %}
    select '{{ metric }}' as metric
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

measured as (
    {%- for metric, condition, amount in [
        ('marketing_pipeline', 'is_in_marketing', 'amount'),
        ('sales_pipeline', 'is_in_sales', 'amount'),
        ('expansion_pipeline', 'is_in_expansion', 'amount'),
        ('forecast_pipeline', 'is_in_forecast', 'weighted_amount'),
        ('reconciled_pipeline', 'is_in_reconciled', 'amount'),
    ] %}
    select
        '{{ metric }}' as metric,
        cast(null as {{ dbt.type_string() }}) as period,
        count(*) as reported_count,
        coalesce(sum({{ amount }}), 0) as reported_amount
    from opportunities
    where {{ condition }}
    union all
    {%- endfor %}
    select
        metrics_of_a_quarter.metric,
        quarters.fiscal_quarter as period,
        count(deals_of_a_quarter.opportunity_id) as reported_count,
        coalesce(sum(deals_of_a_quarter.amount), 0) as reported_amount
    from quarters
    cross join metrics_of_a_quarter
    left join deals_of_a_quarter
        on
            quarters.quarter_start_date = deals_of_a_quarter.quarter_start_date
            and metrics_of_a_quarter.metric = deals_of_a_quarter.metric
    group by metrics_of_a_quarter.metric, quarters.fiscal_quarter
    union all
    select
        'required_in_quarter' as metric,
        fiscal_quarter as period,
        cast(null as bigint) as reported_count,
        sum(required) as reported_amount
    from coverage
    group by fiscal_quarter
),

reported as (
    select
        {{ reported_at() }} as reported_at,
        {{ as_of_date() }} as as_of_date,
        metric,
        period,
        cast(reported_count as bigint) as reported_count,
        cast(reported_amount as {{ type_money() }}) as reported_amount,
        '{{ var("definitions_version") }}' as definitions_version,
        '{{ var("code_version") }}' as code_version
    from measured
),

appended as (
    select * from carried_with_period
    union all
    select * from reported
)

select * from appended
