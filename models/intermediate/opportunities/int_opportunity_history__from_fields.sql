-- One row per opportunity without a stage log and instant from which its field history says what it
-- was, also after as-of: its beginning, and each change. A field is what its next change found, and
-- without one what it is today.
with

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
    where history_log = 'fields'
),

changes as (
    select * from {{ ref('int_opportunity_changes__of_fields') }}
),

instants as (
    select
        opportunity_id,
        first_created_at as valid_from
    from opportunities
    union distinct
    select
        changes.opportunity_id,
        changes.changed_at as valid_from
    from changes
    inner join opportunities
        on changes.opportunity_id = opportunities.opportunity_id
    where changes.changed_at > opportunities.first_created_at
),

{%- set fields = [
    'stage', 'amount', 'close_date', 'currency', 'probability', 'forecast_category'
] %}

-- What held before a change, where there is a later one.
found as (
    select
        {%- for field in fields %}
        max(case when changes.field = '{{ field }}' then changes.old_value end)
            as found_{{ field }},
        coalesce(max(case when changes.field = '{{ field }}' then 1 end), 0) = 1
            as has_found_{{ field }},
        {%- endfor %}
        instants.opportunity_id,
        instants.valid_from
    from instants
    left join changes
        on
            instants.opportunity_id = changes.opportunity_id
            and instants.valid_from < changes.changed_at
            and (
                instants.valid_from >= changes.previously_changed_at
                or changes.previously_changed_at is null
            )
    group by instants.opportunity_id, instants.valid_from
),

tracked as (
    select
        coalesce(max(case when field = 'probability' then 1 end), 0) = 1 as has_probability,
        coalesce(max(case when field = 'forecast_category' then 1 end), 0) = 1
            as has_forecast_category
    from changes
),

-- The CRM sets probability and forecast category by the stage: where nobody's changes of them are
-- logged, today's are no other stage's.
valued as (
    select
        found.opportunity_id,
        found.valid_from,
        case
            when found.has_found_stage then found.found_stage
            else opportunities.stage_name
        end as stage_name,
        case
            when found.has_found_amount then {{ money(logged_number('found.found_amount')) }}
            else opportunities.amount
        end as amount,
        case
            when found.has_found_currency
                then
                    coalesce(
                        upper(nullif(trim(found.found_currency), '')),
                        '{{ var("corporate_currency") }}'
                    )
            else opportunities.currency
        end as currency,
        case
            when found.has_found_close_date then {{ logged_date('found.found_close_date') }}
            else opportunities.close_date
        end as close_date,
        case
            when found.has_found_probability then {{ logged_number('found.found_probability') }}
            when tracked.has_probability or not found.has_found_stage
                then opportunities.probability_percent
        end as probability_percent,
        case
            when found.has_found_forecast_category then found.found_forecast_category
            when tracked.has_forecast_category or not found.has_found_stage
                then opportunities.forecast_category
        end as forecast_category
    from found
    inner join opportunities
        on found.opportunity_id = opportunities.opportunity_id
    cross join tracked
)

select * from valued
