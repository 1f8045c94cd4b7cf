-- One row per action that the rules propose for the next review.
with

rules as (
    select * from {{ ref('int_proposal_rules__keyed') }}
),

creation_weeks as (
    select * from {{ ref('fct_creation_weeks') }}
    where dimension = 'pipeline_source' and week_start = {{ week_start(as_of_date()) }}
),

coverage as (
    select * from {{ ref('fct_coverage_by_day') }}
    where coverage_date = {{ as_of_date() }}
),

plan_teams as (
    select * from {{ ref('plan_teams') }}
),

acceptance as (
    select * from {{ ref('lead_acceptance') }}
    where dimension = 'channel' and is_running
),

findings as (
    select * from {{ ref('fct_findings') }}
    -- Of what somebody else has to put right, an owner of deals is told nothing.
    where is_open and owner_id is not null and owner_team = 'sales'
),

users as (
    select * from {{ ref('dim_users') }}
),

people as (
    select * from {{ ref('dim_people') }}
),

gaps as (
    select * from {{ ref('fct_map_crm_gaps') }}
    where record_type = 'person' and is_gap
),

actions as (
    select * from {{ ref('fct_review_actions') }}
    where is_open
),

people_gaps as (
    select
        cause,
        count(*) as gap_count
    from gaps
    group by cause
),

people_totals as (
    select count(*) as people_count
    from people
),

-- Each fact with what it is measured against; `gap` in the unit of the two, never negative.
facts as (
    select
        'source_behind' as rule,
        dimension_value as subject,
        {{ team_of_source('dimension_value') }} as team,
        'share' as unit,
        pace as value,
        cast(1 as {{ type_double() }}) as reference,
        behind_pct as gap,
        behind_pct as measure,
        created_count as fact_count,
        cast(null as {{ type_money() }}) as gap_amount,
        recovery_action_id
    from creation_weeks
    where pace is not null
    union all
    select
        'acceptance_fell' as rule,
        dimension_value as subject,
        cast(null as {{ dbt.type_string() }}) as team,
        'share' as unit,
        acceptance_rate as value,
        previous_acceptance_rate as reference,
        previous_acceptance_rate - acceptance_rate as gap,
        previous_acceptance_rate - acceptance_rate as measure,
        accepted + rejected as fact_count,
        cast(null as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from acceptance
    where acceptance_rate < previous_acceptance_rate
    union all
    select
        'segment_too_late' as rule,
        segment || ' ' || fiscal_quarter as subject,
        cast(null as {{ dbt.type_string() }}) as team,
        'amount' as unit,
        cast(sum(open_amount) as {{ type_double() }}) as value,
        cast(sum(required) as {{ type_double() }}) as reference,
        cast(sum(gap) as {{ type_double() }}) as gap,
        cast(sum(gap) as {{ type_double() }})
        / nullif(cast(sum(required) as {{ type_double() }}), 0) as measure,
        count(*) as fact_count,
        cast(sum(gap) as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from coverage
    where status = 'too_late' and gap > 0
    group by segment, fiscal_quarter
    union all
    -- What is not yet due is not missing, however wide the gap.
    select
        'segment_behind' as rule,
        segment || ' ' || fiscal_quarter as subject,
        cast(null as {{ dbt.type_string() }}) as team,
        'amount' as unit,
        cast(sum(open_amount) as {{ type_double() }}) as value,
        cast(sum(due) as {{ type_double() }}) as reference,
        cast(sum(behind_by) as {{ type_double() }}) as gap,
        cast(sum(behind_by) as {{ type_double() }})
        / nullif(cast(sum(due) as {{ type_double() }}), 0) as measure,
        count(*) as fact_count,
        cast(sum(behind_by) as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from coverage
    where status = 'behind'
    group by segment, fiscal_quarter
    union all
    select
        'capacity_short' as rule,
        fiscal_quarter || ' ' || team as subject,
        team,
        'amount' as unit,
        cast(capacity_amount as {{ type_double() }}) as value,
        cast(asked_amount as {{ type_double() }}) as reference,
        cast(asked_amount - capacity_amount as {{ type_double() }}) as gap,
        cast(asked_amount - capacity_amount as {{ type_double() }})
        / nullif(cast(asked_amount as {{ type_double() }}), 0) as measure,
        cast(1 as bigint) as fact_count,
        cast(asked_amount - capacity_amount as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from plan_teams
    where not is_enough
    union all
    select
        'findings_open' as rule,
        findings.owner_id as subject,
        max(users.team) as team,
        'count' as unit,
        cast(count(*) as {{ type_double() }}) as value,
        cast(0 as {{ type_double() }}) as reference,
        cast(count(*) as {{ type_double() }}) as gap,
        cast(count(*) as {{ type_double() }}) as measure,
        count(*) as fact_count,
        cast(null as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from findings
    left join users
        on findings.owner_id = users.user_id
    group by findings.owner_id
    union all
    select
        'map_crm_mismatch' as rule,
        people_gaps.cause as subject,
        cast(null as {{ dbt.type_string() }}) as team,
        'count' as unit,
        cast(people_gaps.gap_count as {{ type_double() }}) as value,
        cast(0 as {{ type_double() }}) as reference,
        cast(people_gaps.gap_count as {{ type_double() }}) as gap,
        cast(people_gaps.gap_count as {{ type_double() }}) / people_totals.people_count as measure,
        people_gaps.gap_count as fact_count,
        cast(null as {{ type_money() }}) as gap_amount,
        cast(null as {{ dbt.type_string() }}) as recovery_action_id
    from people_gaps
    cross join people_totals
),

judged as (
    select
        facts.*,
        rules.metric,
        rules.threshold,
        rules.most,
        rules.sentence,
        coalesce(nullif(rules.owner_source, ''), facts.team) as owner_team,
        row_number() over (
            partition by facts.rule order by facts.measure desc, facts.subject asc
        ) as place
    from facts
    inner join rules
        on facts.rule = rules.rule
    where
        -- Rounded: 1 - 0.9 is a little less than 0.1 as a float.
        {{ rounded('facts.measure', 6) }} >= rules.threshold
        and facts.fact_count >= rules.min_count
),

proposed as (
    select
        {{ as_of_date() }} as as_of_date,
        judged.metric || ':' || judged.subject as proposal_id,
        judged.rule,
        judged.metric,
        judged.subject,
        replace(judged.sentence, '{subject}', judged.subject) as proposal,
        judged.unit,
        judged.value,
        judged.reference,
        judged.gap,
        judged.gap_amount,
        judged.owner_team,
        coalesce(min(actions.action_id), judged.recovery_action_id) as open_action_id
    from judged
    left join actions
        on judged.metric || ':' || judged.subject = actions.metric
    where judged.place <= judged.most
    group by
        judged.metric,
        judged.subject,
        judged.rule,
        judged.sentence,
        judged.unit,
        judged.value,
        judged.reference,
        judged.gap,
        judged.gap_amount,
        judged.owner_team,
        judged.recovery_action_id
)

select * from proposed
