-- The share of a deal that each of its marketing touches has in each attribution model, and what
-- the shares of the deal add up to: an anchor that no touch is, and a rest that is left to no
-- touch, leave a sum below 1. A view: only one model reads it, and on millions of touches a second
-- copy costs seconds.
{{ config(materialized="view") }}
with

anchors as (
    select * from {{ ref('int_opportunity_touches__anchors') }}
),

weights as (
    select
        -- noqa: disable=LT02
        -- The comma of a loop stands in Jinja, where sqlfluff takes it for the beginning of a line.
        {{ match_key('model') }} as model,
        {%- for part in ['first_touch', 'lead_creation', 'opportunity_creation', 'close', 'rest'] %}
        cast({{ part }} * cast(0.01 as decimal(3, 2)) as {{ type_share() }})
            as {{ part }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    -- noqa: enable=LT02
    from {{ ref('attribution_weights') }}
    union all
    -- Linear has no anchor: all of it is rest.
    select
        'linear' as model,
        cast(0 as {{ type_share() }}) as first_touch_weight,
        cast(0 as {{ type_share() }}) as lead_creation_weight,
        cast(0 as {{ type_share() }}) as opportunity_creation_weight,
        cast(0 as {{ type_share() }}) as close_weight,
        cast(1 as {{ type_share() }}) as rest_weight
),

-- A touch takes the sum of the anchors that it is.
weighted as (
    select
        anchors.opportunity_id,
        anchors.touch_id,
        anchors.id_number,
        anchors.touch_count,
        weights.model,
        weights.rest_weight,
        case when anchors.is_first_touch then weights.first_touch_weight else 0 end
        + case when anchors.is_lead_creation then weights.lead_creation_weight else 0 end
        + case
            when anchors.is_opportunity_creation then weights.opportunity_creation_weight else 0
        end
        + case when anchors.is_close then weights.close_weight else 0 end as anchor_share,
        weights.first_touch_weight
        + case when anchors.has_lead_creation then weights.lead_creation_weight else 0 end
        + case
            when anchors.has_opportunity_creation then weights.opportunity_creation_weight else 0
        end
        + case when anchors.has_close then weights.close_weight else 0 end as anchors_total
    from anchors
    cross join weights
),

-- Counted over the few touches that are anchors, and joined: to count the many that are not, one
-- would sort them all.
anchored as (
    select
        opportunity_id,
        model,
        count(*) as anchored_count
    from weighted
    where anchor_share > 0
    group by opportunity_id, model
),

-- Most touches are no anchor, and have no share in a model without a rest: they are left out before
-- anything is sorted.
with_rests as (
    select
        weighted.*,
        weighted.touch_count - coalesce(anchored.anchored_count, 0) as rest_count
    from weighted
    left join anchored
        on
            weighted.opportunity_id = anchored.opportunity_id
            and weighted.model = anchored.model
    where weighted.anchor_share > 0 or weighted.rest_weight > 0 or weighted.anchors_total = 0
),

-- The rest is divided equally among the touches that are no anchor. Where a model has neither an
-- anchor nor a rest for a deal, all its touches have an equal share.
of_weights as (
    select
        opportunity_id,
        touch_id,
        id_number,
        model,
        case
            when anchor_share > 0 then cast(anchor_share as {{ type_share() }})
            when rest_weight > 0 then cast(rest_weight / rest_count as {{ type_share() }})
            else cast(1.0 / touch_count as {{ type_share() }})
        end as share,
        cast(
            case
                when anchors_total = 0 and rest_weight = 0 then 1
                when rest_count > 0 then anchors_total + rest_weight
                else anchors_total
            end as {{ type_share() }}
        ) as shares_total
    from with_rests
),

-- Counted from the youngest touch, whose share is 1: otherwise a deal with only old touches would
-- run out of digits.
{%- set decay -%}
    power(
        cast(0.5 as {{ type_double() }}),
        seconds_older_than_youngest / (86400.0 * {{ var('attribution_half_life_days') }})
    )
{%- endset %}
decayed as (
    select
        opportunity_id,
        touch_id,
        id_number,
        'time_decay' as model,
        cast({{ rounded(decay, 12) }} as {{ type_share() }}) as share
    from anchors
),

shares as (
    select
        opportunity_id,
        touch_id,
        id_number,
        model,
        share,
        shares_total
    from of_weights
    union all
    select
        opportunity_id,
        touch_id,
        id_number,
        model,
        share,
        sum(share) over (partition by opportunity_id) as shares_total
    from decayed
)

select * from shares
