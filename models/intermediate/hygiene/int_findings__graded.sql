-- Findings with what the rulebook says of their rule. A rule that the book lacks (a test of the
-- company's own that only warns) is RevOps' to look at.
with

tracked as (
    select * from {{ ref('int_findings__tracked') }}
),

rules as (
    select * from {{ ref('int_finding_rules__listed') }}
),

graded as (
    select
        tracked.*,
        coalesce(rules.severity, 'warn') as severity,
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

select * from graded
