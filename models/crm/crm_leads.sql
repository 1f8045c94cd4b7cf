-- One row per lead of the CRM that is not deleted.
{%- for system in crm_systems() %}
select
    '{{ system }}' as system,
    lead_id,
    email,
    company,
    lead_source,
    status,
    rejection_reason,
    owner_id,
    number_of_employees,
    created_at,
    is_converted,
    converted_at,
    converted_account_id,
    converted_contact_id,
    converted_opportunity_id
from {{ ref('stg_' ~ system ~ '__leads') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
