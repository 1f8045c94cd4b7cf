-- One row per stretch of an opportunity in which the same criteria held, so that any day up to
-- as-of is a look-up.
-- A state is cut at every instant at which a criterion can begin or stop to hold. The whole state
-- is judged by the rules in force when it began; within it, what changes is how far the close date
-- is away, and whether there is a source and a decision maker.
with

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

rules as (
    select * from {{ ref('int_qualification_rules__in_force') }}
),

sources as (
    select * from {{ ref('int_opportunity_sources__decided') }}
),

decision_makers as (
    select * from {{ ref('int_opportunity_decision_makers__arrived') }}
),

ruled as (
    select
        states.*,
        rules.max_horizon_days,
        rules.requires_amount,
        rules.requires_close_date,
        rules.requires_source,
        rules.requires_decision_maker,
        sources.source_known_at,
        decision_makers.decision_maker_at,
        states.stage_group = 'open'
        and states.stage_order >= rules.min_stage_order as is_stage_met,
        coalesce(
            states.amount > 0
            and not {{ is_placeholder_amount('states.amount') }},
            false
        ) as is_amount_met,
        {{ day_start(date_plus_days('states.close_date', '-1 * rules.max_horizon_days')) }}
            as horizon_reached_at,
        {{ day_start(date_plus_days('states.close_date', 1)) }} as close_date_passed_at
    from states
    inner join rules
        on
            {{ business_date('states.valid_from') }} >= rules.valid_from_date
            and {{ business_date('states.valid_from') }} < rules.valid_to_date
    inner join sources
        on states.opportunity_id = sources.opportunity_id
    left join decision_makers
        on states.opportunity_id = decision_makers.opportunity_id
),

{%- set turning_points = [
    'horizon_reached_at', 'close_date_passed_at', 'source_known_at', 'decision_maker_at'
] %}

cuts as (
    select
        opportunity_id,
        valid_from as state_from,
        valid_from as spell_from
    from ruled
    {%- for instant in turning_points %}
    union distinct
    select
        opportunity_id,
        valid_from as state_from,
        {{ instant }} as spell_from
    from ruled
    where
        stage_group = 'open'
        and {{ instant }} > valid_from
        and ({{ instant }} < valid_to or valid_to is null)
        and {{ instant }} <= {{ as_of_at() }}
    {%- endfor %}
),

spells as (
    select
        opportunity_id,
        state_from,
        spell_from,
        lead(spell_from) over (
            partition by opportunity_id
            order by spell_from
        ) as spell_to
    from cuts
),

met as (
    select
        spells.opportunity_id,
        spells.spell_from as valid_from,
        spells.spell_to as valid_to,
        spells.state_from,
        ruled.stage,
        ruled.stage_order,
        ruled.stage_group,
        ruled.is_late_stage,
        ruled.amount,
        ruled.currency,
        ruled.close_date,
        ruled.probability,
        ruled.requires_amount,
        ruled.requires_close_date,
        ruled.requires_source,
        ruled.requires_decision_maker,
        ruled.is_stage_met,
        ruled.is_amount_met,
        coalesce(
            spells.spell_from >= ruled.horizon_reached_at
            and spells.spell_from < ruled.close_date_passed_at,
            false
        ) as is_close_date_met,
        coalesce(spells.spell_from >= ruled.source_known_at, false) as is_source_met,
        coalesce(spells.spell_from >= ruled.decision_maker_at, false) as is_decision_maker_met
    from spells
    inner join ruled
        on
            spells.opportunity_id = ruled.opportunity_id
            and spells.state_from = ruled.valid_from
),

judged as (
    select
        *,
        {{ first_failing_criterion() }} as failing_criterion
    from met
),

qualified as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        {{ business_date('valid_from') }} as valid_from_date,
        {{ business_date('valid_to') }} as valid_to_date,
        state_from,
        failing_criterion,
        failing_criterion is null as is_qualified,
        stage,
        stage_order,
        stage_group,
        is_late_stage,
        is_stage_met,
        is_amount_met,
        is_close_date_met,
        is_source_met,
        is_decision_maker_met,
        requires_amount,
        requires_close_date,
        requires_source,
        requires_decision_maker,
        amount,
        currency,
        close_date,
        probability
    from judged
)

select * from qualified
