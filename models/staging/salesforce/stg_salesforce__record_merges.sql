-- The losing record of a merge is deleted in the CRM, so deleted rows are read here.
select
    'account' as record_type,
    id as record_id,
    master_record_id as surviving_record_id,
    created_date as created_at
from {{ ref('lnd_salesforce__account') }}
where set_aside_reason is null and master_record_id is not null
union all
select
    'contact' as record_type,
    id as record_id,
    master_record_id as surviving_record_id,
    created_date as created_at
from {{ ref('lnd_salesforce__contact') }}
where set_aside_reason is null and master_record_id is not null
union all
select
    'lead' as record_type,
    id as record_id,
    master_record_id as surviving_record_id,
    created_date as created_at
from {{ ref('lnd_salesforce__lead') }}
where set_aside_reason is null and master_record_id is not null
