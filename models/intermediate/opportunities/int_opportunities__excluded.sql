-- The deals that count in no number at as-of, with the reason that the company wrote down. A
-- deal's own exclusion goes before its account's, the one in force longest first.
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

in_force as (
    select
        exclusions.record_type,
        coalesce(account_merges.surviving_record_id, trim(exclusions.record_id)) as record_id,
        exclusions.reason,
        exclusions.effective_from
    from exclusions
    left join account_merges
        on
            exclusions.record_type = 'account'
            and trim(exclusions.record_id) = account_merges.record_id
    where
        (exclusions.effective_from <= {{ as_of_date() }} or exclusions.effective_from is null)
        and (exclusions.effective_to >= {{ as_of_date() }} or exclusions.effective_to is null)
),

matched as (
    select
        opportunities.opportunity_id,
        in_force.reason,
        in_force.effective_from,
        1 as match_order
    from opportunities
    inner join in_force
        on
            in_force.record_type = 'opportunity'
            and opportunities.opportunity_id = in_force.record_id
    union all
    select
        opportunities.opportunity_id,
        in_force.reason,
        in_force.effective_from,
        2 as match_order
    from opportunities
    inner join in_force
        on
            in_force.record_type = 'account'
            and opportunities.account_id = in_force.record_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id
            order by match_order, coalesce(effective_from, cast('0001-01-01' as date)), reason
        ) as match_rank
    from matched
),

excluded as (
    select
        opportunity_id,
        reason
    from ranked
    where match_rank = 1
)

select * from excluded
