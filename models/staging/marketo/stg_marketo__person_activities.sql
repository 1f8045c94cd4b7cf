{%- set activities = ['fill_out_form', 'click_email', 'open_email', 'visit_webpage'] %}
{%- for activity in activities %}
select
    id as activity_id,
    lead_id as map_lead_id,
    '{{ activity }}' as activity_type,
    activity_date as occurred_at,
    campaign_id
from {{ ref('lnd_marketo__activity_' ~ activity) }}
where set_aside_reason is null and not is_deleted
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
