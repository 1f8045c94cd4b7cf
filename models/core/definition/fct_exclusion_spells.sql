-- One row per exclusion of an opportunity and stretch in which it holds.
with

exclusions as (
    select * from {{ ref('dim_exclusions') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

spells as (
    {%- for record_type, record_id in [
        ('opportunity', 'opportunity_id'), ('account', 'account_id')
    ] %}
    select
        opportunities.opportunity_id,
        exclusions.record_type,
        exclusions.reason,
        exclusions.valid_from,
        exclusions.valid_to,
        exclusions.valid_from_date,
        exclusions.valid_to_date
    from exclusions
    inner join opportunities
        on exclusions.record_id = opportunities.{{ record_id }}
    where exclusions.record_type = '{{ record_type }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from spells
