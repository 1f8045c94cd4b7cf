-- A row is a month and path in which more people went on from a stage than had reached it, or in
-- which more of a month's inquiries reached a stage than reached the one before.
select
    month_start,
    channel,
    segment,
    path
from {{ ref('lead_funnel') }}
where
    inquiry_to_mql_count > inquiry_count
    or mql_to_sal_count > mql_count
    or sal_to_sql_count > sal_count
    or sql_to_opportunity_count > sql_count
    or opportunity_to_won_count + opportunity_to_lost_count > opportunity_count
    or won_to_renewal_count > won_count
    or cohort_mql_count > inquiry_count
    or cohort_sal_count > cohort_mql_count
    or cohort_sql_count > cohort_sal_count
    or cohort_opportunity_count > cohort_sql_count
    or cohort_won_count > cohort_opportunity_count
    or cohort_renewal_count > cohort_won_count
