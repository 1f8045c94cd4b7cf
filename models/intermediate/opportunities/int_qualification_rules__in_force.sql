-- From when until when each version of the qualification rules is in force.
with

rules as (
    select * from {{ seed('qualification_rules') }}
),

sequenced as (
    select
        *,
        lag(effective_from) over (order by effective_from) as previous_effective_from,
        lead(effective_from) over (order by effective_from) as next_effective_from
    from rules
),

-- What began before the first rule is judged by the first.
dated as (
    select
        case
            when previous_effective_from is null then cast('0001-01-01' as date)
            else effective_from
        end as valid_from_date,
        coalesce(next_effective_from, cast('9999-12-31' as date)) as valid_to_date,
        min_stage_order,
        max_horizon_days,
        requires_amount,
        requires_close_date,
        requires_source,
        requires_decision_maker
    from sequenced
)

select * from dated
