-- One row per record and rule that it broke, at as-of or before.
with

tracked as (
    select * from {{ ref('int_findings__tracked') }}
    -- A run as of an earlier day does not show what was found later.
    where first_seen <= {{ as_of_date() }}
),

rules as (
    select * from {{ seed('finding_rules') }}
),

-- The rulebook says what a finding means and who acts on it. A rule that is not in it (a company's
-- own test that only warns) is for RevOps to look at.
described as (
    select
        tracked.record_type,
        tracked.record_id,
        tracked.rule,
        tracked.detail,
        tracked.owner_id,
        tracked.first_seen,
        least(tracked.last_seen, {{ as_of_date() }}) as last_seen,
        tracked.is_found as is_open,
        {%- if var('blocking_rules') %}
        case
            when rules.rule in ('{{ var("blocking_rules") | join("', '") }}') then 'block'
            else coalesce(rules.severity, 'warn')
        end as severity,
        {%- else %}
        coalesce(rules.severity, 'warn') as severity,
        {%- endif %}
        coalesce(rules.field, 'other') as field,
        coalesce(rules.owner_team, 'revops') as owner_team,
        coalesce(rules.title, tracked.rule) as title,
        coalesce(
            rules.remedy,
            'Read what the test of this name claims, and correct the record so that it holds.'
        ) as remedy
    from tracked
    left join rules
        on tracked.rule = rules.rule
)

select * from described
