-- A row is a state that does not end where the next begins, or a deal without a current one.
with

sequenced as (
    select
        opportunity_id,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by opportunity_id order by valid_from) as next_from
    from {{ ref('fct_opportunity_states') }}
)

select *
from sequenced
where
    valid_to is distinct from next_from
    or valid_to <= valid_from
