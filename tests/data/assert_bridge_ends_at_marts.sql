-- A row is an end of a bridge that differs from the mart that lists its deals.
with

listed as (
    {%- for view in ['marketing', 'sales', 'expansion', 'forecast'] %}
    select
        '{{ view }}' as view,
        'view_total' as step,
        count(*) as opportunity_count,
        coalesce(sum(pipeline_amount), 0) as amount
    from {{ ref(view ~ '_pipeline') }}
    union all
    select
        '{{ view }}' as view,
        'reconciled' as step,
        count(*) as opportunity_count,
        coalesce(sum(pipeline_amount), 0) as amount
    from {{ ref('reconciled_pipeline') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    bridge.view,
    bridge.step,
    bridge.amount as bridge_amount,
    listed.amount as listed_amount
from {{ ref('pipeline_bridge') }} as bridge
inner join listed
    on bridge.view = listed.view and bridge.step = listed.step
where
    bridge.opportunity_count != listed.opportunity_count
    or bridge.amount != listed.amount
