-- A row is a person who reached a stage before the one that leads to it, or without it.
select
    person_id,
    stage_reached
from {{ ref('fct_lead_journeys') }}
where
    {%- for earlier, later in [
        ('inquiry', 'mql'), ('mql', 'sal'), ('sal', 'sql'), ('sql', 'opportunity'),
        ('opportunity', 'won'), ('opportunity', 'lost'), ('won', 'renewal'),
    ] %}
    {{ 'or ' if not loop.first }}{{ earlier }}_at > {{ later }}_at
    {%- endfor %}
    {%- for earlier, later in [
        ('inquiry', 'mql'), ('mql', 'sal'), ('sal', 'sql'), ('sql', 'opportunity'),
        ('opportunity', 'won'), ('opportunity', 'lost'),
    ] %}
    or ({{ later }}_at is not null and {{ earlier }}_at is null)
    {%- endfor %}
    or (renewal_at is not null and won_at is null and lost_at is null)
    {%- for stage in lifecycle_line() + lifecycle_asides() %}
    or (is_{{ stage }}_imputed and {{ stage }}_at is null)
    {%- endfor %}
