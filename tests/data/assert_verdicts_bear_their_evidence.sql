-- A row is a verdict that rests on another deal and does not name it, or names one without need.
select
    opportunity_id,
    verdict,
    verdict_reason,
    verdict_evidence
from {{ ref('fct_opportunities') }}
where
    (
        verdict = 'duplicate'
        or (verdict = 'recycled' and verdict_reason in ('clone', 'lost_before'))
    ) != (verdict_evidence is not null)
    or verdict_evidence = opportunity_id
    or (verdict in ('recycled', 'excluded')) != (verdict_reason is not null)
