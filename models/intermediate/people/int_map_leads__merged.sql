-- The MAP's merges: each lead that was merged away, with the one that stands for it at as-of.
with recursive

lead_merges as (
    select * from {{ ref('map_person_merges') }}
    where merged_at <= {{ as_of_at() }}
),

listed as (
    select
        system,
        surviving_map_lead_id,
        merged_at,
        activity_id,
        system || ':' || value as map_lead_id
    from lead_merges
    {{ split_to_rows('merged_map_lead_ids') }}
),

-- A lead is merged away once; where the MAP reports it twice, the later merge counts.
ranked as (
    select
        map_lead_id,
        surviving_map_lead_id,
        merged_at,
        row_number() over (
            partition by map_lead_id
            order by merged_at desc, activity_id desc
        ) as merge_rank
    from listed
    where map_lead_id != system || ':' and map_lead_id != surviving_map_lead_id
),

steps as (
    select
        map_lead_id,
        surviving_map_lead_id,
        merged_at
    from ranked
    where merge_rank = 1
),

chains as (
    select
        map_lead_id,
        surviving_map_lead_id,
        merged_at,
        1 as chain_length
    from steps
    union all
    select
        chains.map_lead_id,
        steps.surviving_map_lead_id,
        {{ greatest_known('chains.merged_at', 'steps.merged_at') }} as merged_at,
        chains.chain_length + 1 as chain_length
    from chains
    inner join steps
        on chains.surviving_map_lead_id = steps.map_lead_id
    where chains.chain_length < 32
),

-- Leads that were merged into each other stand for themselves.
circular as (
    select distinct map_lead_id
    from chains
    where map_lead_id = surviving_map_lead_id
),

longest as (
    select
        *,
        row_number() over (
            partition by map_lead_id
            order by chain_length desc
        ) as chain_rank
    from chains
    where not exists (
        select 1
        from circular
        where chains.map_lead_id = circular.map_lead_id
    )
),

merged as (
    select
        map_lead_id,
        surviving_map_lead_id,
        merged_at
    from longest
    where chain_rank = 1
)

select * from merged
