-- One row per user of the CRM.
select
    user_id,
    user_name,
    email,
    role_name,
    team,
    manager_id,
    is_active
from {{ ref('int_users__teamed') }}
