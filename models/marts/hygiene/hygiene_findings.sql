-- One row per record and rule that it broke, at as-of or before.
select * from {{ ref('fct_findings') }}
