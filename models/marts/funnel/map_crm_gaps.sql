-- One row per person or opportunity that only one of MAP and CRM has.
with

people as (
    select * from {{ ref('dim_people') }}
),

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__by_role_or_conversion') }}
),

-- Without a MAP there is nothing to compare with.
map_systems as (
    select count(*) as map_people_count
    from people
    where is_in_map
),

missing_people as (
    select
        'person' as record_type,
        people.person_id as record_id,
        case when people.is_in_crm then 'map' else 'crm' end as missing_in,
        people.gap_cause as cause,
        {{ fiscal_quarter(business_date('journeys.mql_at')) }} as fiscal_quarter,
        journeys.channel,
        people.segment,
        journeys.stage_reached as stage,
        people.person_created_at as created_at,
        people.account_id,
        people.map_lead_id,
        cast(null as {{ type_money() }}) as amount
    from people
    inner join journeys
        on people.person_id = journeys.person_id
    cross join map_systems
    where people.gap_cause is not null and map_systems.map_people_count > 0
),

-- A MAP knows a deal through the people on it, and knows them by their id in the CRM.
reached_opportunities as (
    select
        opportunity_people.opportunity_id,
        max(case when people.is_in_map then 1 else 0 end) as map_flag,
        max(case when people.is_in_map and people.is_linked_by_id then 1 else 0 end) as linked_flag
    from opportunity_people
    inner join people
        on opportunity_people.person_id = people.person_id
    group by opportunity_people.opportunity_id
),

missing_opportunities as (
    select
        'opportunity' as record_type,
        opportunities.opportunity_id as record_id,
        'map' as missing_in,
        case
            when reached_opportunities.opportunity_id is null then 'no_one_on_it'
            when reached_opportunities.map_flag = 0 then 'people_not_in_map'
            else 'linked_by_email_only'
        end as cause,
        {{ fiscal_quarter('opportunities.first_created_date') }} as fiscal_quarter,
        cast(null as {{ dbt.type_string() }}) as channel,
        opportunities.segment,
        opportunities.stage,
        opportunities.first_created_at as created_at,
        opportunities.account_id,
        cast(null as {{ dbt.type_string() }}) as map_lead_id,
        opportunities.amount
    from opportunities
    left join reached_opportunities
        on opportunities.opportunity_id = reached_opportunities.opportunity_id
    cross join map_systems
    where
        coalesce(reached_opportunities.linked_flag, 0) = 0
        and map_systems.map_people_count > 0
),

unioned as (
    select * from missing_people
    union all
    select * from missing_opportunities
),

dated as (
    select
        {{ as_of_date() }} as as_of_date,
        *
    from unioned
)

select * from dated
