-- One row per published run and headline number: what was said, when, and by which definitions.
with

carried as (
    select * from {{ ref('stg_carried__reported_numbers') }}
),

deals as (
    select * from {{ ref('fct_opportunities') }}
),

-- Won counts as coverage counts it: no renewal, and a deal entered twice and won twice once.
won_once as (
    select deals.opportunity_id
    from deals
    left join deals as originals
        on
            deals.verdict = 'duplicate'
            and deals.verdict_evidence = originals.opportunity_id
            and originals.stage_group = 'won'
    where
        deals.stage_group = 'won'
        and not deals.is_excluded
        and deals.motion != 'renewal'
        and originals.opportunity_id is null
),

opportunities as (
    select
        deals.*,
        won_once.opportunity_id is not null as is_won_once,
        {{ fiscal_quarter_start('qualified_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_qualified_in_quarter,
        {{ fiscal_quarter_start('crm_created_date') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_claimed_in_quarter,
        {{ fiscal_quarter_start('close_day') }} = {{ fiscal_quarter_start(as_of_date()) }}
            as is_closed_in_quarter
    from deals
    left join won_once
        on deals.opportunity_id = won_once.opportunity_id
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
        ('won_in_quarter', 'is_won_once and is_closed_in_quarter', 'amount'),
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
