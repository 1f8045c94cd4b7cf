-- One row per opportunity without a stage log, field that makes a state, and instant at which the
-- field history logged a change of it, also after as-of. A closed deal is here only if its stage
-- changed: otherwise nothing says how long it was open.
with

changes as (
    select * from {{ ref('crm_opportunity_field_changes') }}
    where created_at is not null
),

stage_log as (
    select * from {{ ref('crm_opportunity_history') }}
    where created_at is not null
),

opportunities as (
    select * from {{ ref('crm_opportunities') }}
),

stages as (
    select * from {{ ref('dim_stages') }}
),

unlogged as (
    select
        opportunities.opportunity_id,
        coalesce(stages.stage_group, 'open') = 'open' as is_open
    from opportunities
    left join stages
        on {{ match_key('opportunities.stage_name') }} = stages.stage_key
    where not exists (
        select 1
        from stage_log
        where opportunities.opportunity_id = stage_log.opportunity_id
    )
),

named as (
    select
        changes.opportunity_id,
        unlogged.is_open,
        changes.opportunity_field_change_id,
        changes.created_at as changed_at,
        changes.field,
        changes.old_value
    from changes
    inner join unlogged
        on changes.opportunity_id = unlogged.opportunity_id
    where
        changes.field in (
            'stage', 'amount', 'close_date', 'currency', 'probability', 'forecast_category'
        )
),

-- Of several changes of a field at one instant, the first says what was there before.
ranked as (
    select
        *,
        row_number() over (
            partition by opportunity_id, field, changed_at
            order by opportunity_field_change_id
        ) as change_rank,
        max(case when field = 'stage' then 1 else 0 end) over (
            partition by opportunity_id
        ) as has_stage,
        max(case when field in ('amount', 'close_date', 'currency') then 1 else 0 end) over (
            partition by opportunity_id
        ) as has_value
    from named
),

counted as (
    select
        opportunity_id,
        field,
        lag(changed_at) over (
            partition by opportunity_id, field
            order by changed_at
        ) as previously_changed_at,
        changed_at,
        old_value
    from ranked
    where change_rank = 1 and (has_stage = 1 or (is_open and has_value = 1))
)

select * from counted
