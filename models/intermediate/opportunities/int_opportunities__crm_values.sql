{{ config(materialized="view") }}
-- What the CRM says today of each opportunity that exists at as-of: created by then, and not set
-- aside. Private to the definition: as of an earlier day these values are not what they were.
with

opportunities as (
    select * from {{ ref('int_opportunities__creation_dates') }}
    where set_aside_reason is null and is_created_by_as_of
),

existing as (
    select
        opportunity_id,
        account_id,
        opportunity_name,
        crm_created_at,
        history_log,
        first_history_at,
        first_created_at,
        is_re_dated,
        is_recycled,
        cloned_from_id,
        created_by_id,
        last_modified_at,
        stage_name,
        amount,
        currency,
        probability_percent,
        close_date,
        forecast_category,
        owner_id,
        opportunity_type,
        lead_source,
        pipeline_source,
        campaign_id,
        close_reason
    from opportunities
)

select * from existing
