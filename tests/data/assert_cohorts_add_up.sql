-- A row is a cohort that is not its won, lost and open deals, or a source whose cohorts together
-- are not its net-new deals.
with

cohorts as (
    select
        pipeline_source,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from {{ ref('source_conversion') }}
    group by pipeline_source
),

deals as (
    select
        pipeline_source,
        count(*) as created_count,
        coalesce(sum(created_amount), 0) as created_amount
    from {{ ref('fct_opportunities') }}
    where is_net_new
    group by pipeline_source
)

select
    pipeline_source,
    fiscal_quarter
from {{ ref('source_conversion') }}
where created_count != won_count + lost_count + open_count
union all
select
    cohorts.pipeline_source,
    cast(null as {{ dbt.type_string() }}) as fiscal_quarter
from cohorts
full outer join deals
    on cohorts.pipeline_source = deals.pipeline_source
where
    cohorts.created_count is distinct from deals.created_count
    or cohorts.created_amount is distinct from deals.created_amount
