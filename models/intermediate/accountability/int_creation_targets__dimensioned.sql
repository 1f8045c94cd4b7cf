-- Creation targets by source and by segment, in one shape.
with

source_targets as (
    select * from {{ ref('int_source_targets__shared') }}
),

segment_targets as (
    select * from {{ ref('int_creation_targets__derived') }}
    where target_amount is not null
),

dimensioned as (
    select
        'pipeline_source' as dimension,
        pipeline_source as dimension_value,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        target_amount
    from source_targets
    union all
    select
        'segment' as dimension,
        segment as dimension_value,
        fiscal_quarter,
        quarter_start_date,
        quarter_end_date,
        target_amount
    from segment_targets
)

select * from dimensioned
