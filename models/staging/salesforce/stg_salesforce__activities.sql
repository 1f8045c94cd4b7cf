-- Tasks and meetings (which Salesforce calls events) tell the same: who did what with whom, when.
select
    'task:' || id as activity_id,
    'task:' || trim(coalesce(type, task_subtype, '')) as raw_type,
    'task:*' as wildcard_type,
    who_id as person_record_id,
    what_id as related_record_id,
    account_id,
    owner_id,
    coalesce(is_closed, false) as is_done,
    activity_date,
    completed_date_time as happened_at,
    created_date as created_at
from {{ ref('lnd_salesforce__task') }}
where set_aside_reason is null and not is_deleted
union all
select
    'event:' || id as activity_id,
    'event' as raw_type,
    cast(null as {{ dbt.type_string() }}) as wildcard_type,
    who_id as person_record_id,
    what_id as related_record_id,
    account_id,
    owner_id,
    true as is_done,
    cast(null as date) as activity_date,
    start_date_time as happened_at,
    created_date as created_at
from {{ ref('lnd_salesforce__event') }}
where set_aside_reason is null and not is_deleted
