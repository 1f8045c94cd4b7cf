-- What this run found wrong, one row per record and rule.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

history as (
    select * from {{ ref('stg_salesforce__opportunity_history') }}
    where created_at <= {{ as_of_at() }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

qualified as (
    select * from {{ ref('int_opportunities__qualified') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

fields as (
    select * from {{ ref('int_opportunity_fields__as_of') }}
),

unparsed_values as (
    select * from {{ ref('stg_landing__unparsed_values') }}
),

unplanned_sources as (
    select * from {{ ref('int_sources__unplanned') }}
),

checked_fields as (
    select * from {{ ref('int_opportunity_fields__checked') }}
),

-- What tests that only warn and the expectations found: rows of the CRM, or whole tables.
expectation_failures as (
    select * from {{ ref('stg_landing__expectation_failures') }}
),

missing_exchange_rates as (
    select
        presented.opportunity_id,
        'missing_exchange_rate' as rule,
        'no rate for ' || presented.currency || ' on the day it is needed' as detail
    from presented
    left join qualified
        on presented.opportunity_id = qualified.opportunity_id
    where
        (presented.deal_amount is not null and presented.amount is null)
        or (qualified.amount_at_qualification is not null and qualified.created_amount is null)
),

unknown_stages as (
    select
        opportunity_id,
        'unknown_stage' as rule,
        'in stage ' || coalesce(stage, '(none)') || ' now' as detail
    from presented
    where has_unknown_stage
),

changed_sources as (
    select
        fields.opportunity_id,
        'source_changed' as rule,
        'lead source is ' || coalesce(fields.lead_source, '(none)')
        || ' now, the deal stays ' || sources.pipeline_source as detail
    from sources
    inner join fields
        on sources.opportunity_id = fields.opportunity_id
    where sources.is_source_changed
),

without_history as (
    select
        opportunity_id,
        'no_history' as rule,
        'the CRM kept no history of it' as detail
    from opportunities
    where first_history_at is null
),

impossible_probabilities as (
    select
        opportunity_id,
        'probability_out_of_range' as rule,
        'highest '
        || cast(cast(max(probability_percent) as decimal(18, 2)) as {{ dbt.type_string() }})
        || ', lowest '
        || cast(cast(min(probability_percent) as decimal(18, 2)) as {{ dbt.type_string() }})
            as detail
    from (
        select
            opportunity_id,
            cast(probability_percent as decimal(18, 6)) as probability_percent
        from opportunities
        -- What the CRM says today is of as-of only as far as it was last touched before.
        where last_modified_at <= {{ as_of_at() }} or last_modified_at is null
        union all
        select
            opportunity_id,
            cast(probability_percent as decimal(18, 6)) as probability_percent
        from history
    ) as probabilities
    where probability_percent not between 0 and 100
    group by opportunity_id
),

unioned as (
    select * from missing_exchange_rates
    union all
    select * from unknown_stages
    union all
    select * from changed_sources
    union all
    select * from without_history
    union all
    select * from impossible_probabilities
    union all
    select * from checked_fields
),

of_opportunities as (
    select
        'opportunity' as record_type,
        unioned.opportunity_id as record_id,
        unioned.rule,
        unioned.detail,
        fields.owner_id
    from unioned
    inner join fields
        on unioned.opportunity_id = fields.opportunity_id
),

-- What was typed says what to correct; who reads findings need not read an address.
told_values as (
    select
        table_name,
        record_id,
        column_name,
        case when raw_value not like '%@%' then {{ withheld('raw_value') }} end as told_value
    from unparsed_values
    where record_id is not null
),

of_values as (
    select
        table_name as record_type,
        record_id,
        'unparsed_value' as rule,
        {{ dbt.listagg(
            measure="column_name || coalesce(' ' || told_value, '')",
            delimiter_text="', '",
            order_by_clause="order by column_name",
        ) }} as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from told_values
    group by table_name, record_id
),

of_sources as (
    select
        'pipeline_source' as record_type,
        pipeline_source as record_id,
        'no_recovery_plan' as rule,
        'behind by ' || cast(cast({{ rounded('behind_pct * 100', 0) }} as integer) as {{ dbt.type_string() }})
        || ' percent of its target to date, and no action is open' as detail,
        cast(null as {{ dbt.type_string() }}) as owner_id
    from unplanned_sources
),

of_expectations as (
    select
        expectation_failures.record_type,
        expectation_failures.record_id,
        expectation_failures.rule,
        min(expectation_failures.detail) as detail,
        min(fields.owner_id) as owner_id
    from expectation_failures
    left join fields
        on
            expectation_failures.record_type = 'opportunity'
            and expectation_failures.record_id = fields.opportunity_id
    -- What landed may tell of deals that begin after as-of, or that stand for nothing.
    where
        expectation_failures.record_type != 'opportunity'
        or fields.opportunity_id is not null
    group by
        expectation_failures.record_type,
        expectation_failures.record_id,
        expectation_failures.rule
),

found as (
    select * from of_opportunities
    union all
    select * from of_values
    union all
    select * from of_sources
    union all
    select * from of_expectations
)

select * from found
