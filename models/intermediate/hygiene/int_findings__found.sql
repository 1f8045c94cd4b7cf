-- What this run found wrong. The rules are in the models that this one unites, one per subject.
with

opportunity_fields as (
    select * from {{ ref('int_findings__opportunity_fields') }}
),

opportunity_records as (
    select * from {{ ref('int_findings__opportunity_records') }}
),

landing as (
    select * from {{ ref('int_findings__landing') }}
),

creation_targets as (
    select * from {{ ref('int_findings__creation_targets') }}
),

lifecycle as (
    select * from {{ ref('int_findings__lifecycle') }}
),

unioned as (
    select * from opportunity_fields
    union all
    select * from opportunity_records
    union all
    select * from landing
    union all
    select * from creation_targets
    union all
    select * from lifecycle
)

select * from unioned
