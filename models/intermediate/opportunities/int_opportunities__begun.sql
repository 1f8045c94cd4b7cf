-- The deals that exist at as-of: neither set aside nor begun later.
select * from {{ ref('int_opportunities__dated') }}
where set_aside_reason is null and has_begun
