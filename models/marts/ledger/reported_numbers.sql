-- One row per published run and headline number: what was reported, when, and by which definitions.
select * from {{ ref('int_reported_numbers__all_runs') }}
