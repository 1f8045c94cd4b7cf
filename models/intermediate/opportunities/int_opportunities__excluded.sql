-- The deals that count in no number at as-of, with the reason that the company gave. Of several
-- exclusions that hold, a deal's own goes before its account's, then the one that began first.
with

exclusions as (
    select * from {{ ref('fct_exclusion_spells') }}
),

ranked as (
    select
        opportunity_id,
        reason,
        row_number() over (
            partition by opportunity_id
            order by
                case record_type when 'opportunity' then 1 else 2 end,
                valid_from,
                reason
        ) as exclusion_rank
    from exclusions
    where {{ held_at_end_of_day('exclusions', day_end(as_of_date())) }}
),

excluded as (
    select
        opportunity_id,
        reason
    from ranked
    where exclusion_rank = 1
)

select * from excluded
