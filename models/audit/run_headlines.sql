-- One row per headline of the run: what is printed at its end.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

measures as (
    select * from {{ ref('double_counting') }}
),

audit_steps as (
    select * from {{ ref('net_new_audit') }}
    where
        period_grain = 'fiscal_quarter'
        and period_start = {{ fiscal_quarter_start(as_of_date()) }}
),

findings as (
    select * from {{ ref('hygiene_findings') }}
    where is_open
),

load_audit as (
    select * from {{ ref('load_audit') }}
),

headlined as (
    select
        1 as headline_order,
        'deals' as headline,
        count(*) as headline_count,
        cast(null as {{ type_money() }}) as amount
    from opportunities
    union all
    {%- for measure, headline in [
        ('marketing', 'marketing view'),
        ('sales', 'sales view'),
        ('expansion', 'expansion view'),
        ('forecast', 'forecast view'),
        ('sum_of_views', 'sum of the four'),
        ('union', 'each deal once'),
        ('reconciled', 'reconciled pipeline'),
    ] %}
    select
        {{ loop.index + 1 }} as headline_order,
        '{{ headline }}' as headline,
        opportunity_count as headline_count,
        amount
    from measures
    where measure = '{{ measure }}'
    union all
    {%- endfor %}
    select
        case step when 'claimed' then 10 else 11 end as headline_order,
        case step
            when 'claimed' then 'claimed as new in ' || period
            else 'net-new in ' || period
        end as headline,
        opportunity_count as headline_count,
        amount
    from audit_steps
    where step in ('claimed', 'net_new')
    union all
    select
        12 as headline_order,
        'rows set aside' as headline,
        coalesce(sum(rows_set_aside), 0) as headline_count,
        cast(null as {{ type_money() }}) as amount
    from load_audit
    union all
    select
        13 as headline_order,
        'finding ' || rule as headline,
        count(*) as headline_count,
        cast(null as {{ type_money() }}) as amount
    from findings
    group by rule
),

typed as (
    select
        {{ as_of_date() }} as as_of_date,
        headline_order,
        headline,
        cast(headline_count as bigint) as headline_count,
        cast(amount as {{ type_money() }}) as amount
    from headlined
)

select * from typed
