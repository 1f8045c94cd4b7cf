-- Open deals that stand in a stage whose entry criteria they do not meet, per criterion.
with

spells as (
    select * from {{ ref('fct_opportunity_spells') }}
    where valid_to is null and stage_group = 'open'
),

judged as (
    select * from {{ ref('int_opportunities__judged') }}
    where verdict != 'excluded'
),

criteria as (
    select * from {{ ref('stage_entry_criteria') }}
),

unmet as (
    {%- for criterion in ['stage', 'amount', 'close_date', 'source', 'decision_maker'] %}
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
    inner join judged
        on unmet.opportunity_id = judged.opportunity_id
)

select * from violated
