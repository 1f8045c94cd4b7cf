-- The deal's amount divided among its marketing touches, once per model. Shares are scaled to 1,
-- cents are dealt out by largest remainder, so that weights and dollars add up.
-- A view: only one model reads it, and on millions of touches a second copy costs seconds.
{{ config(materialized="view") }}
{%- set models = [
    'first_touch', 'last_touch', 'linear', 'position_based', 'u_shaped', 'w_shaped', 'full_path',
    'time_decay',
] %}
with

weighted as (
    select * from {{ ref('int_opportunity_touches__weighted') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

totals as (
    select
        opportunity_id,
        count(*) as touch_count,
        {%- for model in models %}
        sum({{ model }}_share) as {{ model }}_total{% if not loop.last %},{% endif %}
        {%- endfor %}
    from weighted
    group by opportunity_id
),

{% for model in models %}
{{ model }}_weights as (
    select
        weighted.opportunity_id,
        weighted.touch_id,
        weighted.touch_number,
        '{{ model }}' as model,
        case
            when totals.{{ model }}_total > 0
                then weighted.{{ model }}_share / totals.{{ model }}_total
            else weighted.linear_share
        end as weight
    from weighted
    inner join totals
        on weighted.opportunity_id = totals.opportunity_id
    where weighted.{{ model }}_share > 0 or totals.{{ model }}_total = 0
),
{% endfor %}
unioned as (
    {%- for model in models %}
    select * from {{ model }}_weights
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Twelve digits: more would differ from run to run with the order in which floats are added.
rounded as (
    select
        unioned.opportunity_id,
        unioned.touch_id,
        unioned.model,
        cast(round(unioned.weight, 12) as decimal(13, 12)) as weight,
        presented.amount,
        cast(abs(presented.amount) * 100 as decimal(20, 0))
        * cast(round(unioned.weight, 12) as decimal(13, 12)) as exact_cents
    from unioned
    inner join presented
        on unioned.opportunity_id = presented.opportunity_id
),

floored as (
    select
        *,
        floor(exact_cents) as whole_cents,
        sum(floor(exact_cents)) over (partition by opportunity_id, model) as dealt_cents,
        row_number() over (
            partition by opportunity_id, model
            order by exact_cents - floor(exact_cents) desc, touch_id
        ) as remainder_rank
    from rounded
),

allotted as (
    select
        opportunity_id,
        touch_id,
        model,
        weight,
        cast(
            sign(amount) * (
                whole_cents
                + case when remainder_rank <= abs(amount) * 100 - dealt_cents then 1 else 0 end
            ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
        ) as amount
    from floored
)

select * from allotted
