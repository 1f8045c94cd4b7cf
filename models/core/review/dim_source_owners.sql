-- One row per source that somebody answers for.
select
    pipeline_source,
    owner
from {{ ref('int_source_owners__named') }}
