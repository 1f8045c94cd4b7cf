-- A row is an excluded or closed deal that a view counts.
select opportunity_id
from {{ ref('fct_opportunities') }}
where
    (is_excluded or stage_group != 'open')
    and (is_in_marketing or is_in_sales or is_in_expansion or is_in_forecast or is_in_reconciled)
