-- What this run found wrong. The rules are in the models that this one unites, one per subject.
with

opportunity_fields as (
    select * from {{ ref('int_findings__opportunity_fields') }}
),

opportunity_records as (
    select * from {{ ref('int_findings__opportunity_records') }}
),

landing as (
    select * from {{ ref('int_findings__landing') }}
),

creation_targets as (
    select * from {{ ref('int_findings__creation_targets') }}
),

lifecycle as (
    select * from {{ ref('int_findings__lifecycle') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

unioned as (
    select * from opportunity_fields
    union all
    select * from opportunity_records
    union all
    select * from landing
    union all
    select * from creation_targets
    union all
    select * from lifecycle
),

-- A record of another kind, and a deal whose row can't be read at all, are always looked at.
reached as (
    select
        unioned.record_type,
        unioned.record_id,
        unioned.rule,
        unioned.detail,
        unioned.owner_id,
        opportunities.opportunity_id is null
        or {{ is_deal_in_reach('opportunities') }} as is_in_reach
    from unioned
    left join opportunities
        on
            unioned.record_type = 'opportunity'
            and unioned.record_id = opportunities.opportunity_id
)

select * from reached
