-- One row per opportunity and touch that counts for it.
with

touches as (
    select * from {{ ref('int_opportunity_touches__in_window') }}
),

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

-- Of an excluded deal no touch counts.
counted as (
    select
        opportunity_id,
        touch_id,
        person_id,
        touched_at,
        known_at,
        is_marketing,
        reached_by,
        phase
    from touches
    where not exists (
        select 1
        from exclusions
        where
            touches.opportunity_id = exclusions.opportunity_id
            and {{ held_at_end_of_day('exclusions', day_end(as_of_date())) }}
    )
)

select * from counted
