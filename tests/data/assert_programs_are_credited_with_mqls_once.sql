-- A row means that programs are credited with more MQLs than they have members, or than there are.
{{ config(group='funnel') }}
with

programs as (
    select * from {{ ref('int_programs__credited_mqls') }}
),

credited as (
    select sum(mql_count) as mql_count
    from programs
),

journeys as (
    select count(mql_at) as mql_count
    from {{ ref('fct_lead_journeys') }}
)

select
    programs.program_id,
    programs.mql_count
from programs
where programs.mql_count > programs.member_count
union all
select
    'all' as program_id,
    credited.mql_count
from credited
cross join journeys
where credited.mql_count > journeys.mql_count
