-- What each team can create per fiscal quarter, all segments together. A sum of which a cell is
-- blank is unknown.
with

capacity_plan as (
    select * from {{ seed('capacity_plan') }}
),

summed as (
    select
        fiscal_quarter,
        {{ match_key('team') }} as team,
        case when count(ramped_heads) = count(*) then sum(ramped_heads) end as ramped_heads,
        cast(
            case
                when count(ramped_heads * productivity_per_head) = count(*)
                    then sum(ramped_heads * productivity_per_head)
            end as {{ type_money() }}
        ) as capacity_amount
    from capacity_plan
    group by fiscal_quarter, {{ match_key('team') }}
)

select * from summed
