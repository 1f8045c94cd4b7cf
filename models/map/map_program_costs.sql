-- One row per program of the MAP and period with a cost.
{%- for system in map_systems() %}
select
    '{{ system }}' as system,
    program_id,
    start_date,
    cost_amount
from {{ ref('stg_' ~ system ~ '__program_costs') }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
