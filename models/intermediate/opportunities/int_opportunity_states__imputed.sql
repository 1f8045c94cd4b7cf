-- Every state of an opportunity up to as-of, whether or not it changed anything: what its history
-- says, what its own row says since, and what must have been where neither says anything.
with

opportunities as (
    select
        *,
        {{ probability('probability_percent') }} as probability
    from {{ ref('int_opportunities__crm_values') }}
),

history as (
    select * from {{ ref('int_opportunity_history__numbered') }}
),

stages as (
    select * from {{ ref('dim_stages') }}
),

rules as (
    select * from {{ ref('int_qualification_rules__in_force') }}
),

staged_history as (
    select
        history.*,
        coalesce(stages.canonical_stage, history.stage_name) as stage
    from history
    left join stages
        on {{ match_key('history.stage_name') }} = stages.stage_key
),

current_rows as (
    select
        opportunities.*,
        coalesce(stages.canonical_stage, opportunities.stage_name) as stage,
        coalesce(stages.stage_group, 'open') as stage_group
    from opportunities
    left join stages
        on {{ match_key('opportunities.stage_name') }} = stages.stage_key
),

-- Where the CRM's row differs from its last history row, the row is right: it is newer.
disagreements as (
    select
        current_rows.opportunity_id,
        current_rows.last_modified_at,
        current_rows.stage_name,
        current_rows.amount,
        current_rows.currency,
        current_rows.close_date,
        current_rows.probability,
        current_rows.forecast_category,
        staged_history.valid_from as last_history_at,
        coalesce(
            current_rows.last_modified_at > staged_history.valid_from, false
        ) as is_later
    from current_rows
    inner join staged_history
        on current_rows.opportunity_id = staged_history.opportunity_id
    where
        staged_history.reverse_number = 1
        and (
            current_rows.stage is distinct from staged_history.stage
            or current_rows.amount is distinct from staged_history.amount
            or current_rows.currency is distinct from staged_history.currency
            or current_rows.close_date is distinct from staged_history.close_date
        )
),

-- History whose last row the CRM's row contradicts without having been changed later.
overruled as (
    select opportunity_id
    from disagreements
    where not is_later
),

kept_history as (
    select
        history.opportunity_id,
        history.valid_from,
        history.stage_name,
        history.amount,
        history.currency,
        history.close_date,
        history.probability,
        history.forecast_category,
        false as is_imputed
    from history
    left join overruled
        on history.opportunity_id = overruled.opportunity_id
    where history.reverse_number > 1 or overruled.opportunity_id is null
),

current_states as (
    select
        opportunity_id,
        case when is_later then last_modified_at else last_history_at end as valid_from,
        stage_name,
        amount,
        currency,
        close_date,
        probability,
        forecast_category,
        false as is_imputed
    from disagreements
),

-- History that starts after the deal was created: its first row is the earliest that is known.
imputed_heads as (
    select
        history.opportunity_id,
        opportunities.first_created_at as valid_from,
        history.stage_name,
        history.amount,
        history.currency,
        history.close_date,
        history.probability,
        history.forecast_category,
        true as is_imputed
    from history
    inner join opportunities
        on history.opportunity_id = opportunities.opportunity_id
    where
        history.sequence_number = 1
        and history.valid_from > opportunities.first_created_at
),

without_history as (
    select
        *,
        case
            when stage_group = 'open' then first_created_at
            else
                coalesce(
                    {{ day_start(least_known('close_date', business_date('last_modified_at'))) }},
                    first_created_at
                )
        end as reached_at
    from current_rows
    where first_history_at is null
),

current_only as (
    select
        opportunity_id,
        case
            when reached_at > first_created_at then reached_at else first_created_at
        end as valid_from,
        stage_name,
        amount,
        currency,
        close_date,
        probability,
        forecast_category,
        stage_group != 'open' as is_imputed
    from without_history
),

-- A deal that is closed was open once: in the first stage that could have qualified it.
imputed_open_ranked as (
    select
        without_history.opportunity_id,
        without_history.first_created_at as valid_from,
        stages.stage_key as stage_name,
        without_history.amount,
        without_history.currency,
        without_history.close_date,
        cast(null as decimal(9, 6)) as probability,
        cast(null as {{ dbt.type_string() }}) as forecast_category,
        true as is_imputed,
        row_number() over (
            partition by without_history.opportunity_id
            order by stages.stage_rank
        ) as stage_choice
    from without_history
    inner join rules
        on
            {{ business_date('without_history.first_created_at') }} >= rules.valid_from_date
            and {{ business_date('without_history.first_created_at') }} < rules.valid_to_date
    inner join stages
        on
            stages.stage_group = 'open'
            and rules.min_stage_order <= stages.stage_order
    where
        without_history.stage_group != 'open'
        and without_history.reached_at > without_history.first_created_at
),

imputed_open as (
    select
        opportunity_id,
        valid_from,
        stage_name,
        amount,
        currency,
        close_date,
        probability,
        forecast_category,
        is_imputed
    from imputed_open_ranked
    where stage_choice = 1
),

unioned as (
    select * from imputed_heads
    union all
    select * from kept_history
    union all
    select * from current_states
    union all
    select * from imputed_open
    union all
    select * from current_only
),

staged as (
    select
        unioned.opportunity_id,
        unioned.valid_from,
        coalesce(stages.canonical_stage, unioned.stage_name) as stage,
        coalesce(stages.stage_order, 0) as stage_order,
        coalesce(stages.stage_group, 'open') as stage_group,
        coalesce(stages.is_late_stage, false) as is_late_stage,
        stages.stage_key is null as is_unknown_stage,
        unioned.amount,
        unioned.currency,
        unioned.close_date,
        unioned.probability,
        unioned.forecast_category,
        unioned.is_imputed
    from unioned
    left join stages
        on {{ match_key('unioned.stage_name') }} = stages.stage_key
    where unioned.valid_from <= {{ as_of_at() }}
)

select * from staged
