-- When each exclusion held a deal out of every number, whether or not it does at as-of.
with

exclusions as (
    select * from {{ ref('exclusions') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__begun') }}
),

account_merges as (
    select * from {{ ref('int_records__merged') }}
    where record_type = 'account'
),

bounded as (
    select
        exclusions.record_type,
        coalesce(account_merges.surviving_record_id, trim(exclusions.record_id)) as record_id,
        exclusions.reason,
        coalesce(
            {{ day_start('exclusions.effective_from') }}, cast('0001-01-01' as timestamp)
        ) as valid_from,
        coalesce(
            {{ day_start(date_plus_days('exclusions.effective_to', 1)) }},
            cast('9999-12-31' as timestamp)
        ) as valid_to
    from exclusions
    left join account_merges
        on
            exclusions.record_type = 'account'
            and trim(exclusions.record_id) = account_merges.record_id
),

dated as (
    select
        opportunities.opportunity_id,
        bounded.reason,
        bounded.valid_from,
        bounded.valid_to
    from bounded
    inner join opportunities
        on
            bounded.record_type = 'opportunity'
            and bounded.record_id = opportunities.opportunity_id
    union all
    select
        opportunities.opportunity_id,
        bounded.reason,
        bounded.valid_from,
        bounded.valid_to
    from bounded
    inner join opportunities
        on
            bounded.record_type = 'account'
            and bounded.record_id = opportunities.account_id
)

select * from dated
