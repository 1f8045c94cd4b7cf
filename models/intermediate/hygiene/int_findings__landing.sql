{{ config(materialized="view") }}
-- What was found while the raw tables were landed, before this build: values that did not parse,
-- and failures of expectations or of tests that only warn. One select for each of the two lists.
with

unparsed_values as (
    select * from {{ ref('stg_landing__unparsed_values') }}
    where record_id is not null
),

expectation_failures as (
    select * from {{ ref('stg_landing__expectation_failures') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Quoting what was typed shows what to correct; but nobody who reads findings needs to read an
-- e-mail address.
quoted_values as (
    select
        table_name,
        record_id,
        column_name,
        case when raw_value not like '%@%' then {{ withheld('raw_value') }} end as quoted_value
    from unparsed_values
),

of_values as (
    select
        table_name as record_type,
        record_id,
        'unparsed_value' as rule,
        {{ dbt.listagg(
            measure="column_name || coalesce(' ' || quoted_value, '')",
            delimiter_text="', '",
            order_by_clause="order by column_name",
        ) }} as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from quoted_values
    group by table_name, record_id
),

of_expectations as (
    select
        expectation_failures.record_type,
        expectation_failures.record_id,
        expectation_failures.rule,
        min(expectation_failures.detail) as detail,
        min(opportunities.owner_id) as owner_id
    from expectation_failures
    left join opportunities
        on
            expectation_failures.record_type = 'opportunity'
            and expectation_failures.record_id = opportunities.opportunity_id
    -- Landing also checks deals that begin after as-of, and rows that stand for no record.
    where
        expectation_failures.record_type != 'opportunity'
        or opportunities.opportunity_id is not null
    group by
        expectation_failures.record_type,
        expectation_failures.record_id,
        expectation_failures.rule
),

found as (
    select * from of_values
    union all
    select * from of_expectations
)

select * from found
