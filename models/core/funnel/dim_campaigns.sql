-- One row per campaign of the CRM and per program that the MAP had by as-of.
with

campaigns as (
    select * from {{ ref('stg_salesforce__campaigns') }}
),

programs as (
    select * from {{ ref('stg_marketo__programs') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

-- What a program is to cost in a period that has not begun is a plan.
program_costs as (
    select * from {{ ref('stg_marketo__program_costs') }}
    where start_date <= {{ as_of_date() }} or start_date is null
),

cost_of_programs as (
    select
        program_id,
        cast(sum(cost_amount) as {{ type_money() }}) as cost_amount
    from program_costs
    group by program_id
),

unioned as (
    select
        campaign_id,
        'salesforce' as system,
        campaign_name,
        campaign_type,
        cast(null as {{ dbt.type_string() }}) as channel,
        status,
        start_date,
        end_date,
        cost_amount,
        parent_campaign_id
    from campaigns
    union all
    select
        programs.program_id as campaign_id,
        'marketo' as system,
        programs.program_name as campaign_name,
        programs.program_type as campaign_type,
        programs.channel,
        programs.status,
        programs.start_date,
        programs.end_date,
        cost_of_programs.cost_amount,
        programs.crm_campaign_id as parent_campaign_id
    from programs
    left join cost_of_programs
        on programs.program_id = cost_of_programs.program_id
)

select * from unioned
