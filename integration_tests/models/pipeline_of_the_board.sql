-- One row per segment: what the board is shown, from pipegen's reconciled pipeline.
select
    segment,
    count(*) as deal_count,
    sum(pipeline_amount) as pipeline_amount
from {{ ref('pipegen', 'reconciled_pipeline') }}
group by segment
