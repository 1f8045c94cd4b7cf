-- One row per open opportunity and entry criterion of its stage that it does not meet at as-of.
select
    opportunity_id,
    stage,
    criterion
from {{ ref('int_stage_criteria__violated') }}
