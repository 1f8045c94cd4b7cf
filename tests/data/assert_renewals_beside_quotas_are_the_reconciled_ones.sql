-- A row is a quarter of the review whose open renewals are not those of the reconciled pipeline
-- that close in it.
with

quarters as (
    select * from {{ ref('review_quarters') }}
),

renewals as (
    select * from {{ ref('reconciled_pipeline') }}
    where motion = 'renewal'
),

compared as (
    select
        quarters.fiscal_quarter,
        quarters.renewal_open_count,
        quarters.renewal_open_amount,
        count(renewals.opportunity_id) as reconciled_count,
        sum(coalesce(renewals.pipeline_amount, 0)) as reconciled_amount
    from quarters
    left join renewals
        on
            quarters.quarter_start_date <= renewals.close_date
            and quarters.quarter_end_date >= renewals.close_date
    group by
        quarters.fiscal_quarter, quarters.renewal_open_count, quarters.renewal_open_amount
)

select * from compared
where renewal_open_count != reconciled_count or renewal_open_amount != reconciled_amount
