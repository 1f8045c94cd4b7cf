-- One row per stretch of an opportunity in which the same criteria held, so that any day up to
-- as-of is a look-up.
select
    opportunity_id,
    valid_from,
    valid_to,
    failing_criterion,
    failing_criterion is null as is_qualified,
    stage,
    stage_order,
    stage_group,
    is_late_stage,
    is_stage_met,
    is_amount_met,
    is_close_date_met,
    is_source_met,
    is_decision_maker_met,
    amount,
    currency,
    close_date,
    probability
from {{ ref('int_opportunity_spells__judged') }}
