-- One row per opportunity that marketing influenced by as-of, excluded ones too.
with

counted as (
    select * from {{ ref('fct_opportunity_touches') }}
    where is_marketing
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

-- On a day before its exclusion, a deal counted: the history of the views asks for it.
excluded as (
    select distinct opportunity_id
    from exclusions
    where {{ held_at_end_of_day('exclusions', day_end(as_of_date())) }}
),

in_window as (
    select * from {{ ref('int_opportunity_touches__in_window') }}
    where is_marketing
),

touches as (
    select
        opportunity_id,
        touched_at,
        known_at,
        reached_by
    from counted
    union all
    select
        in_window.opportunity_id,
        in_window.touched_at,
        in_window.known_at,
        in_window.reached_by
    from excluded
    inner join in_window
        on excluded.opportunity_id = in_window.opportunity_id
),

influenced as (
    select
        opportunity_id,
        min(touched_at) as influenced_at,
        min(known_at) as influence_known_at,
        max(case when reached_by = 'contact_role' then 1 else 0 end) = 1
            as is_influenced_by_role
    from touches
    group by opportunity_id
)

select * from influenced
