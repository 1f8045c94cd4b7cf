with

changes as (
    select
        *,
        {{ field_key('field') }} as field_key
    from {{ ref('lnd_salesforce__opportunity_field_history') }}
    where set_aside_reason is null and not is_deleted
),

-- The log has a field by its label or by its name in the API.
named as (
    select
        *,
        case
            when field_key in ('stagename', 'stage') then 'stage'
            when field_key = 'closedate' then 'close_date'
            when field_key in ('currencyisocode', 'currency') then 'currency'
            when field_key in ('probability', 'probability(%)') then 'probability'
            when field_key in ('forecastcategory', 'forecastcategoryname')
                then 'forecast_category'
            when field_key = 'leadsource' then 'lead_source'
            when field_key in ('owner', 'ownerid') then 'owner'
            when field_key in ('campaign', 'campaignid') then 'campaign'
            else field_key
        end as field_name
    from changes
),

-- A log that was exported from a report has ids of 15 characters.
spelled_out as (
    select
        *,
        case
            when field_name in ('owner', 'campaign') then {{ salesforce_id('old_value') }}
            else old_value
        end as value_before,
        case
            when field_name in ('owner', 'campaign') then {{ salesforce_id('new_value') }}
            else new_value
        end as value_after
    from named
),

identified as (
    select
        id as opportunity_field_change_id,
        opportunity_id,
        field_name as field,
        value_before as old_value,
        value_after as new_value,
        case
            -- A user, or a queue.
            when field_name = 'owner'
                then substring(coalesce(value_before, value_after), 1, 3) in ('005', '00G')
            when field_name = 'campaign'
                then substring(coalesce(value_before, value_after), 1, 3) = '701'
            else true
        end as is_id,
        created_date as created_at
    from spelled_out
)

select * from identified
