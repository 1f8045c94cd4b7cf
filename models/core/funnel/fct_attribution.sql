-- One row per opportunity, marketing touch and attribution model that gives the touch a weight.
-- Adding up the amounts of two models counts a deal twice: readers want one model.
{{ config(partition_by=in_folders_by('model')) }}
with

shares as (
    select * from {{ ref('int_attribution__shares') }}
    where share > 0
),

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

-- Scaled to a sum of 1, with twelve digits: beyond them the rest of a division differs by engine.
{%- set scaled -%}
cast(shares.share as {{ type_double() }}) / cast(shares.shares_total as {{ type_double() }})
{%- endset %}
weighted as (
    select
        shares.opportunity_id,
        shares.touch_id,
        shares.id_number,
        shares.model,
        cast({{ rounded(scaled, 12) }} as decimal(13, 12)) as weight,
        opportunities.amount,
        cast(abs(opportunities.amount) * 100 as decimal(20, 0)) as cents
    from shares
    inner join opportunities
        on shares.opportunity_id = opportunities.opportunity_id
),

floored as (
    select
        *,
        floor(cents * weight) as whole_cents
    from weighted
),

-- The cents that are left go to the touches with the largest remainders, so that the amounts add up
-- to the deal's. Ties go by id.
ranked as (
    select
        *,
        cents - sum(whole_cents) over (partition by opportunity_id, model) as cents_left,
        row_number() over (
            partition by opportunity_id, model
            order by cents * weight - whole_cents desc, id_number
        ) as remainder_rank
    from floored
),

attributed as (
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

select * from attributed
