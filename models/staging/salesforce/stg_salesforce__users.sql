select
    id as user_id,
    name as user_name,
    email,
    user_role_id,
    manager_id,
    is_active
from {{ source('salesforce', 'user') }}
where not is_deleted
