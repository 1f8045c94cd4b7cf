-- A row is a quarter and channel in which the MQLs that are missing in one system are not those
-- that are listed as gaps, each with its cause. Without a MAP nothing is listed.
with

listed as (
    select
        gaps.fiscal_quarter,
        gaps.channel,
        sum(case when gaps.missing_in = 'map' then 1 else 0 end) as map_gap_count,
        sum(case when gaps.missing_in = 'crm' then 1 else 0 end) as crm_gap_count
    from {{ ref('map_crm_gaps') }} as gaps
    inner join {{ ref('fct_lead_journeys') }} as journeys
        on gaps.record_id = journeys.person_id
    where
        gaps.record_type = 'person'
        and journeys.mql_at is not null
        and not journeys.is_mql_imputed
    group by gaps.fiscal_quarter, gaps.channel
)

select
    pacing.fiscal_quarter,
    pacing.channel,
    pacing.mqls,
    pacing.map_mqls,
    pacing.crm_mqls,
    listed.map_gap_count,
    listed.crm_gap_count
from {{ ref('mql_pacing') }} as pacing
left join listed
    on
        pacing.fiscal_quarter = listed.fiscal_quarter
        and pacing.channel = listed.channel
where
    exists (
        select 1
        from {{ ref('dim_people') }} as people
        where people.is_in_map
    )
    and (
        pacing.mqls - pacing.map_mqls != coalesce(listed.map_gap_count, 0)
        or pacing.mqls - pacing.crm_mqls != coalesce(listed.crm_gap_count, 0)
    )
