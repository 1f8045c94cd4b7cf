-- One row per exclusion that has begun by as-of, with when it holds.
with

seed_rows as (
    select * from {{ seed('exclusions') }}
),

exclusions as (
    select
        record_type,
        {{ salesforce_id('record_id') }} as record_id,
        reason,
        effective_from,
        effective_to
    from seed_rows
),

account_merges as (
    select * from {{ ref('dim_merged_records') }}
    where record_type = 'account'
),

bounded as (
    select
        exclusions.record_type,
        -- An exclusion of an account that was merged into another is one of the survivor.
        coalesce(account_merges.surviving_record_id, exclusions.record_id) as record_id,
        exclusions.reason,
        coalesce(
            {{ day_start('exclusions.effective_from') }}, cast('0001-01-01' as timestamp)
        ) as valid_from,
        coalesce(
            {{ day_end('exclusions.effective_to') }}, cast('9999-12-31' as timestamp)
        ) as valid_to,
        coalesce(exclusions.effective_from, cast('0001-01-01' as date)) as valid_from_date,
        coalesce(
            {{ date_plus_days('exclusions.effective_to', 1) }}, cast('9999-12-31' as date)
        ) as valid_to_date
    from exclusions
    left join account_merges
        on
            exclusions.record_type = 'account'
            and exclusions.record_id = account_merges.record_id
),

-- One that begins after as-of is not known yet.
known as (
    select * from bounded
    where valid_from <= {{ as_of_at() }}
)

select * from known
