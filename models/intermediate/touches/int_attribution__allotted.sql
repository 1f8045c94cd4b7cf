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
    select * from {{ ref('int_opportunities__at_as_of') }}
),

totals as (
    select
        opportunity_id,
        {%- for model in models %}
        sum({{ model }}_share) as {{ model }}_total{% if not loop.last %},{% endif %}
        {%- endfor %}
    from weighted
    group by opportunity_id
),

-- Ties go by id. Its place among the deal's touches is sorted once here, not by every model.
placed as (
    select
        weighted.*,
        presented.amount,
        cast(abs(presented.amount) * 100 as decimal(20, 0)) as cents,
        row_number() over (
            partition by weighted.opportunity_id
            order by weighted.touch_id
        ) as id_place
    from weighted
    inner join presented
        on weighted.opportunity_id = presented.opportunity_id
),

{% for model in models %}
-- Twelve digits: what is left of a division beyond them is the engine's own.
{{ model }}_weights as (
    select
        placed.opportunity_id,
        placed.touch_id,
        placed.id_place,
        placed.amount,
        placed.cents,
        {%- set share -%}
            case
                when totals.{{ model }}_total > 0
                    then
                        cast(placed.{{ model }}_share as {{ type_double() }})
                        / cast(totals.{{ model }}_total as {{ type_double() }})
                else cast(placed.linear_share as {{ type_double() }})
            end
        {%- endset %}
        cast({{ rounded(share, 12) }} as decimal(13, 12)) as weight
    from placed
    inner join totals
        on placed.opportunity_id = totals.opportunity_id
    where placed.{{ model }}_share > 0 or totals.{{ model }}_total = 0
),

{{ model }}_floored as (
    select
        *,
        floor(cents * weight) as whole_cents
    from {{ model }}_weights
),

{{ model }}_ranked as (
    select
        opportunity_id,
        touch_id,
        '{{ model }}' as model,
        weight,
        amount,
        whole_cents,
        cents - sum(whole_cents) over (partition by opportunity_id) as cents_left,
        row_number() over (
            partition by opportunity_id
            order by cents * weight - whole_cents desc, id_place
        ) as remainder_rank
    from {{ model }}_floored
),
{% endfor %}
ranked as (
    {%- for model in models %}
    select * from {{ model }}_ranked
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
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
                + case when remainder_rank <= cents_left then 1 else 0 end
            ) * cast(0.01 as decimal(3, 2)) as {{ type_money() }}
        ) as amount
    from ranked
)

select * from allotted
