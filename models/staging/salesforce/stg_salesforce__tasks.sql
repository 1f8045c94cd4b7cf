select
    id as task_id,
    who_id as person_record_id,
    what_id as related_record_id,
    account_id,
    owner_id,
    task_subtype,
    type as task_type,
    coalesce(is_closed, false) as is_closed,
    activity_date,
    completed_date_time as completed_at,
    created_date as created_at
from {{ ref('lnd_salesforce__task') }}
where set_aside_reason is null and not is_deleted
