-- One row per person or opportunity that one of MAP and CRM has and the other does not.
with

people as (
    select * from {{ ref('dim_people') }}
),

journeys as (
    select * from {{ ref('fct_lead_journeys') }}
),

responded as (
    select * from {{ ref('int_people__responded') }}
),

opportunities as (
    select
        opportunities.*,
        {{ deal_entered('opportunities') }} as deal_id
    from {{ ref('fct_opportunities') }} as opportunities
    where not opportunities.is_excluded
),

opportunity_people as (
    select * from {{ ref('int_opportunity_people__as_one_deal') }}
),

-- Without a MAP there is nothing to compare with.
map_systems as (
    select count(*) as map_people_count
    from people
    where is_in_map
),

one_sided_people as (
    select
        people.*,
        journeys.channel,
        journeys.stage_reached,
        journeys.mql_at,
        case
            when people.is_in_map then journeys.mql_at is not null
            else
                responded.person_id is not null
                or coalesce(people.lead_pipeline_source = 'marketing', false)
        end as is_expected
    from people
    inner join journeys
        on people.person_id = journeys.person_id
    left join responded
        on people.person_id = responded.person_id
    cross join map_systems
    where
        people.is_in_crm != people.is_in_map
        and map_systems.map_people_count > 0
),

missing_people as (
    select
        'person' as record_type,
        person_id as record_id,
        case when is_in_crm then 'map' else 'crm' end as missing_in,
        case
            when is_crm_record_gone then 'crm_record_gone'
            when not is_expected then 'not_expected'
            when not has_email then 'no_email'
            when is_in_crm then 'never_synced_to_map'
            else 'never_synced_to_crm'
        end as cause,
        {{ fiscal_quarter(business_date('mql_at')) }} as fiscal_quarter,
        channel,
        segment,
        stage_reached as stage,
        person_created_at as created_at,
        account_id,
        map_lead_id,
        cast(null as {{ type_money() }}) as amount
    from one_sided_people
),

-- A MAP knows a deal through the people on it, and knows them by their id in the CRM.
reached_opportunities as (
    select
        opportunity_people.opportunity_id as deal_id,
        max(case when people.is_in_map and people.is_linked_by_id then 1 else 0 end) as linked_flag,
        max(case when people.is_in_map then 1 else 0 end) as map_flag,
        max(case when missing_people.cause != 'not_expected' then 1 else 0 end) as gap_flag
    from opportunity_people
    inner join people
        on opportunity_people.person_id = people.person_id
    left join missing_people
        on people.person_id = missing_people.record_id
    group by opportunity_people.opportunity_id
),

missing_opportunities as (
    select
        'opportunity' as record_type,
        opportunities.opportunity_id as record_id,
        'map' as missing_in,
        case
            when reached_opportunities.deal_id is null then 'no_one_on_it'
            when reached_opportunities.map_flag = 1 then 'linked_by_email_only'
            when reached_opportunities.gap_flag = 1 then 'people_not_in_map'
            else 'not_expected'
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
        on opportunities.deal_id = reached_opportunities.deal_id
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

judged as (
    select
        record_type,
        record_id,
        missing_in,
        cause,
        cause != 'not_expected' as is_gap,
        fiscal_quarter,
        channel,
        segment,
        stage,
        created_at,
        account_id,
        map_lead_id,
        amount
    from unioned
)

select * from judged
