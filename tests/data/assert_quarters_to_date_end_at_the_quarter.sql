-- A row is a source and quarter whose last week does not hold all that was created in the quarter.
with

weeks as (
    select * from {{ ref('source_scorecard') }}
),

last_weeks as (
    select
        pipeline_source,
        fiscal_quarter,
        max(week_start) as week_start
    from weeks
    group by pipeline_source, fiscal_quarter
),

-- The last week, not the greatest: a deal with a negative amount lowers what was created so far.
quarter_ends as (
    select
        weeks.pipeline_source,
        weeks.fiscal_quarter,
        weeks.quarter_to_date,
        weeks.quarter_target,
        weeks.attainment
    from weeks
    inner join last_weeks
        on
            weeks.pipeline_source = last_weeks.pipeline_source
            and weeks.fiscal_quarter = last_weeks.fiscal_quarter
            and weeks.week_start = last_weeks.week_start
),

deals as (
    select
        opportunities.pipeline_source,
        dates.fiscal_quarter,
        sum(coalesce(opportunities.created_amount, 0)) as created_amount
    from {{ ref('fct_opportunities') }} as opportunities
    inner join {{ ref('dim_dates') }} as dates
        on opportunities.qualified_date = dates.date_day
    where opportunities.is_net_new
    group by opportunities.pipeline_source, dates.fiscal_quarter
)

select
    quarter_ends.*,
    deals.created_amount
from quarter_ends
left join deals
    on
        quarter_ends.pipeline_source = deals.pipeline_source
        and quarter_ends.fiscal_quarter = deals.fiscal_quarter
where
    -- A quarter that began within a week of another's Monday has no week of its own yet.
    quarter_ends.quarter_to_date != coalesce(deals.created_amount, 0)
