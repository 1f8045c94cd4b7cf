-- One row per raw row that was set aside, with the reason and the row.
with

landed as (
    select * from {{ ref('stg_landing__set_aside_rows') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__creation_dates') }}
    where set_aside_reason is not null
),

unioned as (
    select
        system,
        table_name,
        record_key,
        reason,
        {{ withheld('row_json') }} as row_json,
        location,
        line
    from landed
    union all
    select
        'salesforce' as system,
        'opportunity' as table_name,
        opportunity_id as record_key,
        set_aside_reason as reason,
        {{ withheld(json_row([
            'opportunity_id', 'crm_account_id', 'opportunity_name', 'stage_name', 'amount',
            'currency', 'close_date', 'crm_created_at', 'last_modified_at', 'opportunity_type',
            'lead_source', 'owner_id'
        ])) }} as row_json,
        cast(null as {{ dbt.type_string() }}) as location,
        cast(null as bigint) as line
    from opportunities
)

select * from unioned
