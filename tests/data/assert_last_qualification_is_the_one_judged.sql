-- The last stretch of a deal's source is the decision, so that its qualification is qualified_at.
-- A row is a deal of which history tells another instant or amount than the verdicts.
with

dated as (
    select * from {{ ref('int_qualifications__dated') }}
    where valid_to is null
),

qualified as (
    select * from {{ ref('int_opportunities__qualified') }}
)

select
    coalesce(qualified.opportunity_id, dated.opportunity_id) as opportunity_id,
    qualified.qualified_at,
    dated.qualified_at as history_qualified_at
from qualified
full outer join dated
    on qualified.opportunity_id = dated.opportunity_id
where
    qualified.qualified_at is distinct from dated.qualified_at
    or qualified.amount_at_qualification is distinct from dated.amount_at_qualification
    or qualified.currency_at_qualification is distinct from dated.currency_at_qualification
