select
    id as user_id,
    name as user_name,
    email,
    user_role_id,
    manager_id,
    is_active
from {{ ref('lnd_salesforce__user') }}
where set_aside_reason is null and not is_deleted
