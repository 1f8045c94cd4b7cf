-- A row means that the table of contact roles was not loaded, though a rule of qualification
-- requires a decision maker: no deal qualifies by such a rule, and pipeline reads as nothing.
{{ config(meta={'rule': 'decision_makers_unknown', 'record_type': 'table'}) }}
-- It only warns: a company's first load may begin without the table.
{{ config(severity='warn') }}

select
    system || '.' || table_name as record_id,
    'it was not loaded, and a rule of qualification requires a decision maker: no deal qualifies '
    || 'by it' as detail
from {{ ref('stg_landing__tables') }}
where
    system = 'salesforce'
    and table_name = 'opportunity_contact_role'
    and not is_present
    and exists (
        select 1
        from {{ seed('qualification_rules', 'rules') }}
        where rules.requires_decision_maker and rules.effective_from <= {{ as_of_date() }}
    )
