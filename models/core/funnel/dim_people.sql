-- One row per person: the contact, else the CRM lead, else the MAP lead that they stand as.
select
    person_id,
    person_created_at,
    account_id,
    segment,
    contact_id,
    crm_lead_id,
    crm_lead_count,
    map_lead_id,
    map_lead_count,
    is_in_crm,
    is_in_map,
    is_linked_by_id,
    gap_cause
from {{ ref('int_people__described') }}
