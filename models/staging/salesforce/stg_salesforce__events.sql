select
    id as event_id,
    who_id as person_record_id,
    what_id as related_record_id,
    account_id,
    owner_id,
    start_date_time as started_at,
    created_date as created_at
from {{ ref('lnd_salesforce__event') }}
where set_aside_reason is null and not is_deleted
