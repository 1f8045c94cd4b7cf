-- A row is a month and path in which more people went on from a stage than had reached it.
select
    month_start,
    channel,
    segment,
    path
from {{ ref('lead_funnel') }}
where
    inquiry_to_mql_count > inquiry_count
    or mql_to_sal_count > mql_count
    or mql_to_sql_count > mql_to_sal_count
    or sal_to_sql_count > sal_count
    or sql_to_opportunity_count > sql_count
    or opportunity_to_won_count + opportunity_to_lost_count > opportunity_count
    or won_to_renewal_count > won_count
