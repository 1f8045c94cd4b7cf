-- One row per rule that makes a review propose something.
select
    rule,
    metric,
    threshold,
    min_count,
    most,
    owner_source,
    sentence
from {{ ref('int_proposal_rules__keyed') }}
