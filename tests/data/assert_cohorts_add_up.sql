-- A row is a source and quarter whose cohort differs from the net-new deals created in it, in the
-- deals or the money created, won, lost or open.
with

cohorts as (
    select * from {{ ref('source_conversion') }}
),

deals as (
    select
        {{ fiscal_quarter('qualified_date') }} as fiscal_quarter,
        {%- for outcome in ['won', 'lost', 'open'] %}
        count(case when outcome_stage_group = '{{ outcome }}' then 1 end) as {{ outcome }}_count,
        coalesce(
            sum(case when outcome_stage_group = '{{ outcome }}' then outcome_amount end), 0
        ) as {{ outcome }}_amount,
        {%- endfor %}
        pipeline_source,
        count(*) as created_count,
        coalesce(sum(created_amount), 0) as created_amount
    from {{ ref('fct_opportunities') }}
    where is_net_new
    group by {{ fiscal_quarter('qualified_date') }}, pipeline_source
)

select
    coalesce(cohorts.fiscal_quarter, deals.fiscal_quarter) as fiscal_quarter,
    coalesce(cohorts.pipeline_source, deals.pipeline_source) as pipeline_source
from cohorts
full outer join deals
    on
        cohorts.fiscal_quarter = deals.fiscal_quarter
        and cohorts.pipeline_source = deals.pipeline_source
where
    cohorts.created_count != cohorts.won_count + cohorts.lost_count + cohorts.open_count
    {%- for column in ['created', 'won', 'lost', 'open'] %}
    or cohorts.{{ column }}_count is distinct from deals.{{ column }}_count
    or cohorts.{{ column }}_amount is distinct from deals.{{ column }}_amount
    {%- endfor %}
