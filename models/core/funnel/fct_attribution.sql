-- One row per opportunity, marketing touch and attribution model that gives the touch a weight.
-- Adding up the amounts of two models counts a deal twice: readers want one model.
{{ config(partition_by=in_folders_by('model')) }}
with

shares as (
    select * from {{ ref('int_attribution__shares') }}
    where share > 0
),

touches as (
    select * from {{ ref('int_opportunity_touches__anchors') }}
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
        shares.*,
        cast({{ rounded(scaled, 12) }} as decimal(13, 12)) as weight,
        opportunities.amount,
        -- No wider: times a weight it has 37 digits, and engines have 38.
        cast(abs(opportunities.amount) * 100 as decimal(24, 0)) as cents
    from shares
    inner join opportunities
        on shares.opportunity_id = opportunities.opportunity_id
),

floored as (
    select
        *,
        cast(floor(cents * weight) as decimal(24, 0)) as floored_cents,
        cast(cents * weight - floor(cents * weight) as decimal(13, 12)) as remainder
    from weighted
),

-- The cents that are left go to the touches with the largest remainders, so that the amounts add up
-- to the deal's. Ties go by id. Ranked are the touches that have a share of their own.
ranked as (
    select
        *,
        cents - sum(floored_cents * touch_count) over (partition by opportunity_id, model)
            as cents_missing,
        sum(touch_count) over (partition by opportunity_id, model) as model_touch_count,
        row_number() over (
            partition by opportunity_id, model
            order by
                case when touch_id is null then 1 else 0 end asc, remainder desc, id_number asc
        ) as remainder_rank
    from floored
),

-- Weights have twelve digits, so that of an amount beyond ten billion several cents a touch are
-- left, or missing: those go to all alike.
shared_out as (
    select
        *,
        {{ cents_of_each('cents_missing', 'model_touch_count') }} as cents_of_each
    from ranked
),

evened as (
    select
        *,
        cast(floored_cents + cents_of_each as decimal(24, 0)) as whole_cents,
        cast(cents_missing - cents_of_each * model_touch_count as bigint) as cents_left
    from shared_out
),

single_touches as (
    select * from evened
    where touch_id is not null
),

rests as (
    select * from evened
    where touch_id is null
),

-- The touches of a rest have one remainder, so that their cents go by id: to those up to a last
-- one. Before them come the touches with a larger remainder, and a touch with the same is one of
-- them; the others have ids in between, which are passed over.
passed as (
    select
        rests.opportunity_id,
        rests.model,
        rests.cents_left - sum(
            case when single_touches.remainder > rests.remainder then 1 else 0 end
        ) over (partition by rests.opportunity_id, rests.model) as cents_of_rest,
        single_touches.id_number - row_number() over (
            partition by rests.opportunity_id, rests.model
            order by single_touches.id_number
        ) as earlier_count
    from rests
    inner join single_touches
        on
            rests.opportunity_id = single_touches.opportunity_id
            and rests.model = single_touches.model
            and rests.remainder != single_touches.remainder
),

last_numbers as (
    select
        opportunity_id,
        model,
        max(cents_of_rest) + sum(case when earlier_count < cents_of_rest then 1 else 0 end)
            as last_number
    from passed
    group by opportunity_id, model
),

limited_rests as (
    select
        rests.*,
        coalesce(last_numbers.last_number, rests.cents_left) as last_number
    from rests
    left join last_numbers
        on
            rests.opportunity_id = last_numbers.opportunity_id
            and rests.model = last_numbers.model
),

rounded_singles as (
    select
        single_touches.*,
        case
            when single_touches.remainder = limited_rests.remainder
                then single_touches.id_number <= limited_rests.last_number
            when single_touches.remainder < limited_rests.remainder
                then
                    single_touches.remainder_rank + limited_rests.touch_count
                    <= single_touches.cents_left
            else single_touches.remainder_rank <= single_touches.cents_left
        end as is_rounded_up
    from single_touches
    left join limited_rests
        on
            single_touches.opportunity_id = limited_rests.opportunity_id
            and single_touches.model = limited_rests.model
),

priced_rests as (
    select
        *,
        {{ of_cents('amount', 'whole_cents') }} as lower_amount,
        {{ of_cents('amount', 'whole_cents + 1') }} as upper_amount
    from limited_rests
),

attributed as (
    select
        opportunity_id,
        touch_id,
        model,
        weight,
        {{ of_cents('amount', 'whole_cents + case when is_rounded_up then 1 else 0 end') }}
            as amount
    from rounded_singles
    union all
    select
        rests.opportunity_id,
        touches.touch_id,
        rests.model,
        rests.weight,
        case
            when touches.id_number <= rests.last_number then rests.upper_amount
            else rests.lower_amount
        end as amount
    from priced_rests as rests
    inner join touches
        on
            rests.opportunity_id = touches.opportunity_id
            and not (touches.is_first_touch and rests.is_first_touch_apart)
            and not (touches.is_lead_creation and rests.is_lead_creation_apart)
            and not (touches.is_opportunity_creation and rests.is_opportunity_creation_apart)
            and not (touches.is_close and rests.is_close_apart)
)

select * from attributed
