-- The entry criteria of its stage that each open deal does not meet.
with

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where valid_to is null and stage_group = 'open'
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
    where not is_excluded
),

criteria as (
    select * from {{ seed('stage_entry_criteria') }}
),

unmet as (
    {%- for criterion in qualification_criteria() %}
    select
        spells.opportunity_id,
        spells.stage,
        '{{ criterion }}' as criterion
    from spells
    where not spells.is_{{ criterion }}_met
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

violated as (
    select
        unmet.opportunity_id,
        unmet.stage,
        unmet.criterion
    from unmet
    inner join criteria
        on
            {{ match_key('criteria.canonical_stage') }} = {{ match_key('unmet.stage') }}
            and {{ match_key('criteria.criterion') }} = unmet.criterion
    inner join opportunities
        on unmet.opportunity_id = opportunities.opportunity_id
)

select * from violated
