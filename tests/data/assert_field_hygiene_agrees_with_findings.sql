-- A row is a field whose count for the week of as-of differs from the deals in the findings.
with

counted as (
    select
        field,
        sum(finding_count) as finding_count
    from {{ ref('field_hygiene') }}
    where week_start = {{ week_start(as_of_date()) }}
    group by field
),

found as (
    select
        findings.field,
        count(distinct findings.record_id) as finding_count
    from {{ ref('hygiene_findings') }} as findings
    inner join {{ ref('fct_opportunities') }} as opportunities
        on findings.record_id = opportunities.opportunity_id
    where
        findings.is_open
        and opportunities.stage_group = 'open'
        and findings.rule in (
            'missing_created_date', 're_dated', 'missing_source', 'missing_amount',
            'placeholder_amount', 'amount_not_positive', 'net_new_flag_wrong',
            'net_new_period_wrong'
        )
    group by findings.field
),

compared as (
    select
        coalesce(counted.field, found.field) as field,
        coalesce(counted.finding_count, 0) as counted_count,
        coalesce(found.finding_count, 0) as found_count
    from counted
    full outer join found
        on counted.field = found.field
)

select * from compared
where counted_count != found_count
