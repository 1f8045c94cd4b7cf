-- One row per person or opportunity that one of MAP and CRM has and the other does not.
with

gaps as (
    select * from {{ ref('fct_map_crm_gaps') }}
),

dated as (
    select
        {{ as_of_date() }} as as_of_date,
        *
    from gaps
)

select * from dated
