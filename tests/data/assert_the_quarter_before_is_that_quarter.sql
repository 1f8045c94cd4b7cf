-- A row is a quarter beside which other MQLs stand as those of the quarter before than that quarter
-- has: beside the running one, whose same days they are, more.
with

compared as (
    select
        'pacing' as mart,
        channel as dimension_value,
        quarter_start_date,
        mqls,
        previous_mqls,
        cast(null as bigint) as accepted,
        cast(null as bigint) as previous_accepted
    from {{ ref('mql_pacing') }}
    union all
    select
        dimension as mart,
        dimension_value,
        quarter_start_date,
        mqls,
        previous_mqls,
        accepted,
        previous_accepted
    from {{ ref('lead_acceptance') }}
)

select
    later.mart,
    later.dimension_value,
    later.quarter_start_date,
    later.previous_mqls,
    earlier.mqls
from compared as later
left join compared as earlier
    on
        later.mart = earlier.mart
        and later.dimension_value = earlier.dimension_value
        and later.quarter_start_date
        = {{ date_plus_months('earlier.quarter_start_date', 3) }}
where
    later.previous_mqls > coalesce(earlier.mqls, 0)
    or later.previous_accepted > coalesce(earlier.accepted, 0)
    or (
        later.quarter_start_date < {{ fiscal_quarter_start(as_of_date()) }}
        and (
            later.previous_mqls != coalesce(earlier.mqls, 0)
            or later.previous_accepted != coalesce(earlier.accepted, 0)
        )
    )
