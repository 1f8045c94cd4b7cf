-- What coverage asks of a deal: where it belongs, since when it is pipeline, and whether the rates
-- may be taken over it.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

accounts as (
    select * from {{ ref('dim_accounts') }}
),

judged as (
    select * from {{ ref('int_opportunities__verdicts') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

duplicated as (
    select
        opportunity_id,
        verdict_evidence as original_opportunity_id
    from {{ ref('fct_opportunities') }}
    where verdict = 'duplicate'
),

classified as (
    select
        opportunities.opportunity_id,
        coalesce(accounts.segment, 'unknown') as segment,
        judged.motion,
        judged.qualified_at,
        duplicated.original_opportunity_id,
        sources.pipeline_source not in (
            {%- for source in var('coverage_excluded_sources') + [''] -%}
            '{{ source }}'{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) as is_source_counted
    from opportunities
    inner join judged
        on opportunities.opportunity_id = judged.opportunity_id
    inner join sources
        on opportunities.opportunity_id = sources.opportunity_id
    left join duplicated
        on opportunities.opportunity_id = duplicated.opportunity_id
    left join accounts
        on opportunities.account_id = accounts.account_id
    where judged.motion in ('new_business', 'expansion')
)

select * from classified
