-- A row is a likely cause of which the share of the quarters counts other deals or money than are
-- listed.
with

listed as (
    select
        count(*) as zero_touch_count,
        coalesce(sum(amount), 0) as zero_touch_amount,
        coalesce(sum(case when likely_cause = 'tracking_gap' then 1 else 0 end), 0)
            as tracking_gap_count,
        coalesce(sum(case when likely_cause = 'tracking_gap' then amount end), 0)
            as tracking_gap_amount
    from {{ ref('zero_touch_deals') }}
),

shared as (
    select
        coalesce(sum(zero_touch_count), 0) as zero_touch_count,
        coalesce(sum(zero_touch_amount), 0) as zero_touch_amount,
        coalesce(sum(tracking_gap_count), 0) as tracking_gap_count,
        coalesce(sum(tracking_gap_amount), 0) as tracking_gap_amount
    from {{ ref('zero_touch_share') }}
)

select listed.*
from listed
cross join shared
where
    listed.zero_touch_count != shared.zero_touch_count
    or listed.zero_touch_amount != shared.zero_touch_amount
    or listed.tracking_gap_count != shared.tracking_gap_count
    or listed.tracking_gap_amount != shared.tracking_gap_amount
