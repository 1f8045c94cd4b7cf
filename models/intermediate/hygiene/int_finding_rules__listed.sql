-- The rulebook, with what the company lets stop a publication.
with

rules as (
    select * from {{ ref('finding_rules') }}
),

listed as (
    select
        rule,
        {%- if var('blocking_rules') %}
        case
            when rule in ('{{ var("blocking_rules") | join("', '") }}') then 'block'
            else severity
        end as severity,
        {%- else %}
        severity,
        {%- endif %}
        field,
        owner_team,
        title,
        remedy
    from rules
)

select * from listed
