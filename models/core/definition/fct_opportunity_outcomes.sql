-- One row per stretch of an opportunity in which its outcome was won or lost, that of its successor
-- where it has one.
with

closings as (
    select * from {{ ref('fct_opportunity_closings') }}
),

successors as (
    select * from {{ ref('int_opportunity_successors__spells') }}
),

-- A lost state of an original with duplicates is told by its stretches below.
own as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        cast(null as {{ dbt.type_string() }}) as successor_opportunity_id,
        stage_group,
        closed_at,
        close_day,
        amount
    from closings
    where not exists (
        select 1
        from successors
        where
            closings.opportunity_id = successors.opportunity_id
            and closings.valid_from = successors.state_from
    )
),

-- While the successor is open there is no row: the original is no loss, and no win yet.
of_originals as (
    select
        successors.opportunity_id,
        successors.valid_from,
        successors.valid_to,
        successors.successor_opportunity_id,
        closings.stage_group,
        closings.closed_at,
        closings.close_day,
        closings.amount
    from successors
    inner join closings
        on
            coalesce(successors.successor_opportunity_id, successors.opportunity_id)
            = closings.opportunity_id
            and coalesce(successors.successor_state_from, successors.state_from)
            = closings.valid_from
),

outcomes as (
    select * from own
    union all
    select * from of_originals
),

dated as (
    select
        *,
        {{ business_date('valid_from') }} as valid_from_date,
        {{ business_date('valid_to') }} as valid_to_date
    from outcomes
)

select * from dated
