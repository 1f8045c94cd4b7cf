-- One row per exclusion of an opportunity and stretch in which it holds.
select
    opportunity_id,
    reason,
    valid_from,
    valid_to
from {{ ref('int_exclusions__dated') }}
where valid_from <= {{ as_of_at() }}
