-- One row per stage name of the CRM, with the stage it stands for.
with

stages as (
    select
        *,
        {{ seed_row_order('seed') }} as seed_row
    from {{ seed('stages', 'seed') }}
),

ordered as (
    select
        {{ match_key('stage_name') }} as stage_key,
        canonical_stage,
        stage_order,
        -- Of several names of one stage, the first of the seed says where it stands.
        first_value(stage_order) over (
            partition by canonical_stage, stage_group
            order by seed_row
        ) as canonical_stage_order,
        stage_group,
        is_late_stage,
        row_number() over (
            partition by stage_group
            order by stage_order, seed_row
        ) as stage_rank
    from stages
)

select * from ordered
