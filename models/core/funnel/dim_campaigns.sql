-- One row per campaign of the CRM and per program of the MAP that was there by as-of.
with

campaigns as (
    select * from {{ ref('crm_campaigns') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

programs as (
    select * from {{ ref('map_programs') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

-- What a program is to cost in a period that has not begun is a plan.
program_costs as (
    select * from {{ ref('map_program_costs') }}
    where start_date <= {{ as_of_date() }} or start_date is null
),

cost_of_programs as (
    select
        system,
        program_id,
        cast(sum(cost_amount) as {{ type_money() }}) as cost_amount
    from program_costs
    group by system, program_id
),

-- A program that names a campaign of the CRM is that campaign, if it is there.
reported_programs as (
    select
        programs.*,
        campaigns.campaign_id as reported_campaign_id,
        cost_of_programs.cost_amount
    from programs
    left join campaigns
        on programs.crm_campaign_id = campaigns.campaign_id
    left join cost_of_programs
        on
            programs.system = cost_of_programs.system
            and programs.program_id = cost_of_programs.program_id
),

cost_of_campaigns as (
    select
        reported_campaign_id,
        cast(sum(cost_amount) as {{ type_money() }}) as cost_amount
    from reported_programs
    where reported_campaign_id is not null
    group by reported_campaign_id
),

unioned as (
    select
        campaigns.campaign_id,
        campaigns.system,
        campaigns.campaign_name,
        campaigns.campaign_type,
        cast(null as {{ dbt.type_string() }}) as channel,
        campaigns.status,
        campaigns.start_date,
        campaigns.end_date,
        coalesce(campaigns.cost_amount, cost_of_campaigns.cost_amount) as cost_amount,
        campaigns.parent_campaign_id,
        campaigns.campaign_id as reported_campaign_id
    from campaigns
    left join cost_of_campaigns
        on campaigns.campaign_id = cost_of_campaigns.reported_campaign_id
    union all
    select
        program_id as campaign_id,
        system,
        program_name as campaign_name,
        program_type as campaign_type,
        channel,
        status,
        start_date,
        end_date,
        cost_amount,
        crm_campaign_id as parent_campaign_id,
        coalesce(reported_campaign_id, program_id) as reported_campaign_id
    from reported_programs
)

select * from unioned
