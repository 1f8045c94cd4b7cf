select
    program_id,
    start_date,
    {{ money('cost') }} as cost_amount
from {{ source('marketo', 'program_cost') }}
where not is_deleted
