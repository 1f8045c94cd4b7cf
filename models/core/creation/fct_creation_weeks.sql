-- One row per week and source or segment: net-new pipeline created against its target.
select
    week_start,
    fiscal_quarter,
    dimension,
    dimension_value,
    owner,
    created_count,
    created_amount,
    target_amount,
    quarter_to_date,
    quarter_target,
    attainment,
    pace,
    behind_pct
from {{ ref('int_creation_weeks__owned') }}
