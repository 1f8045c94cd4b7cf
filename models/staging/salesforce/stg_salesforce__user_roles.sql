select
    id as user_role_id,
    name as role_name
from {{ ref('lnd_salesforce__user_role') }}
where set_aside_reason is null and not is_deleted
