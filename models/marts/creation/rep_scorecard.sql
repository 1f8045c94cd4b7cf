-- One row per week and owner who created net-new pipeline in the quarter so far.
with

opportunities as (
    select
        owner_id,
        owner_team,
        {{ week_start('qualified_date') }} as week_start,
        {{ fiscal_quarter_start('qualified_date') }} as quarter_start_date,
        coalesce(created_amount, 0) as created_amount
    from {{ ref('fct_opportunities') }}
    where is_net_new and owner_id is not null
),

weeks as (
    select
        week_start,
        fiscal_quarter,
        quarter_start_date
    from {{ ref('dim_dates') }}
    where date_day = week_start and is_past
),

owners as (
    select
        owner_id,
        quarter_start_date,
        week_start,
        max(owner_team) as team,
        count(*) as created_count,
        sum(created_amount) as created_amount
    from opportunities
    group by owner_id, quarter_start_date, week_start
),

-- What an owner created in a quarter shows in each of its weeks from then on.
running as (
    select
        weeks.week_start,
        weeks.fiscal_quarter,
        owners.owner_id,
        max(owners.team) as team,
        sum(owners.created_amount) as quarter_to_date
    from weeks
    inner join owners
        on
            weeks.quarter_start_date = owners.quarter_start_date
            and weeks.week_start >= owners.week_start
    group by weeks.week_start, weeks.fiscal_quarter, owners.owner_id
),

-- A week that straddles two quarters is one week: its deals of the next quarter count in it.
created as (
    select
        owner_id,
        week_start,
        max(team) as team,
        sum(created_count) as created_count,
        sum(created_amount) as created_amount
    from owners
    group by owner_id, week_start
),

listed as (
    select
        week_start,
        owner_id
    from running
    union distinct
    select
        week_start,
        owner_id
    from created
),

scored as (
    select
        listed.week_start,
        weeks.fiscal_quarter,
        listed.owner_id,
        coalesce(running.team, created.team) as team,
        cast(coalesce(created.created_count, 0) as bigint) as created_count,
        cast(coalesce(created.created_amount, 0) as {{ type_money() }}) as created_amount,
        cast(coalesce(running.quarter_to_date, 0) as {{ type_money() }}) as quarter_to_date
    from listed
    inner join weeks
        on listed.week_start = weeks.week_start
    left join running
        on
            listed.week_start = running.week_start
            and listed.owner_id = running.owner_id
    left join created
        on
            listed.week_start = created.week_start
            and listed.owner_id = created.owner_id
)

select * from scored
