{#- The names under which the log has the fields that are read, by the name that they have here. -#}
{%- set names = {
    'stage': ['stagename', 'stage'],
    'amount': ['amount'],
    'close_date': ['closedate'],
    'currency': ['currencyisocode', 'currency'],
    'probability': ['probability', 'probability(%)'],
    'forecast_category': ['forecastcategory', 'forecastcategoryname'],
    'lead_source': ['leadsource'],
    'owner': ['owner', 'ownerid'],
    'campaign': ['campaign', 'campaignid'],
    'type': ['type'],
} %}
{#- Fields of which the values are ids, and what these begin with. -#}
{%- set prefixes = {'owner': ['005', '00G'], 'campaign': ['701']} %}
{%- set of_lookups = (names['owner'] + names['campaign']) | join("', '") %}
select
    id as opportunity_field_change_id,
    opportunity_id,
    case
        {%- for field, keys in names.items() %}
        when {{ field_key('field') }} in ('{{ keys | join("', '") }}') then '{{ field }}'
        {%- endfor %}
        else {{ field_key('field') }}
    end as field,
    {%- for value in ['old_value', 'new_value'] %}
    -- A log that was exported from a report has ids of 15 characters.
    case
        when {{ field_key('field') }} in ('{{ of_lookups }}') then {{ salesforce_id(value) }}
        else {{ value }}
    end as {{ value }},
    {%- endfor %}
    case
        {%- for field, known in prefixes.items() %}
        when {{ field_key('field') }} in ('{{ names[field] | join("', '") }}')
            then substring(coalesce(old_value, new_value), 1, 3) in ('{{ known | join("', '") }}')
        {%- endfor %}
        else true
    end as is_id,
    created_date as created_at
from {{ ref('lnd_salesforce__opportunity_field_history') }}
where set_aside_reason is null and not is_deleted
