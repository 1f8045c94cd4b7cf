-- One row per exclusion of an opportunity and stretch in which it holds.
with

known as (
    select * from {{ ref('int_exclusions__known') }}
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
        known.record_type,
        known.reason,
        known.valid_from,
        known.valid_to,
        known.valid_from_date,
        known.valid_to_date
    from known
    inner join opportunities
        on known.record_id = opportunities.{{ record_id }}
    where known.record_type = '{{ record_type }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from spells
