select
    program_id,
    start_date,
    {{ money('cost') }} as cost_amount
from {{ ref('lnd_marketo__program_cost') }}
where set_aside_reason is null and not is_deleted
