select
    id as user_role_id,
    name as role_name
from {{ source('salesforce', 'user_role') }}
where not is_deleted
