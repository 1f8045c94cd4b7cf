-- Which of the four views each deal is in at as-of, and whether it is in the one reconciled
-- pipeline. Nothing here rules a deal out for being in another view: that is the double counting.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

judged as (
    select * from {{ ref('int_opportunities__judged') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

influenced as (
    select * from {{ ref('int_opportunities__influenced') }}
),

flagged as (
    select
        opportunities.opportunity_id,
        presented.stage_group = 'open' and judged.verdict != 'excluded' as is_in_scope,
        sources.pipeline_source = 'marketing'
        or influenced.opportunity_id is not null as is_marketing,
        judged.motion != 'renewal' and presented.is_stage_met as is_sales,
        judged.motion in ('expansion', 'renewal') as is_expansion,
        coalesce(
            {{ fiscal_quarter_start('presented.close_date') }}
            = {{ fiscal_quarter_start(as_of_date()) }},
            false
        ) as is_closing_in_quarter,
        presented.is_late_stage,
        presented.failing_criterion is null as is_qualified,
        coalesce(
            judged.verdict = 'duplicate' and originals.stage_group = 'open', false
        ) as is_duplicate_of_open,
        {{ money('presented.amount * presented.probability') }} as weighted_amount
    from opportunities
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    inner join judged
        on opportunities.opportunity_id = judged.opportunity_id
    inner join sources
        on opportunities.opportunity_id = sources.opportunity_id
    left join influenced
        on opportunities.opportunity_id = influenced.opportunity_id
    left join presented as originals
        on judged.verdict_evidence = originals.opportunity_id
),

viewed as (
    select
        opportunity_id,
        is_in_scope and is_marketing as is_in_marketing,
        is_in_scope and is_sales as is_in_sales,
        is_in_scope and is_expansion as is_in_expansion,
        is_in_scope and is_late_stage and is_closing_in_quarter as is_in_forecast,
        is_in_scope and is_qualified and not is_duplicate_of_open as is_in_reconciled,
        is_closing_in_quarter,
        is_duplicate_of_open,
        weighted_amount
    from flagged
)

select * from viewed
