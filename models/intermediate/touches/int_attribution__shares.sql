-- The share of a deal that its marketing touches have in each attribution model, and what the
-- shares of the deal add up to: an anchor that no touch is, and a rest that is left to no touch,
-- leave a sum below 1. Touches that are no anchor have equal shares: they are one row, which counts
-- them, because a company has millions. A view: only one model reads it.
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
    from {{ seed('attribution_weights') }}
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

-- Every deal has one first touch, which knows what the deal has.
deals as (
    select
        anchors.opportunity_id,
        anchors.touch_count,
        weights.*,
        weights.first_touch_weight
        + case when anchors.has_lead_creation then weights.lead_creation_weight else 0 end
        + case
            when anchors.has_opportunity_creation then weights.opportunity_creation_weight else 0
        end
        + case when anchors.has_close then weights.close_weight else 0 end as anchors_total
    from anchors
    cross join weights
    where anchors.is_first_touch
),

-- A touch takes the sum of the anchors that it is.
weighted as (
    select
        anchors.opportunity_id,
        anchors.touch_id,
        anchors.id_number,
        weights.model,
        case when anchors.is_first_touch then weights.first_touch_weight else 0 end
        + case when anchors.is_lead_creation then weights.lead_creation_weight else 0 end
        + case
            when anchors.is_opportunity_creation then weights.opportunity_creation_weight else 0
        end
        + case when anchors.is_close then weights.close_weight else 0 end as share
    from anchors
    cross join weights
    where
        anchors.is_first_touch
        or anchors.is_lead_creation
        or anchors.is_opportunity_creation
        or anchors.is_close
),

anchored as (
    select * from weighted
    where share > 0
),

anchor_counts as (
    select
        opportunity_id,
        model,
        count(*) as anchored_count
    from anchored
    group by opportunity_id, model
),

rests as (
    select
        deals.*,
        deals.touch_count - coalesce(anchor_counts.anchored_count, 0) as rest_count
    from deals
    left join anchor_counts
        on
            deals.opportunity_id = anchor_counts.opportunity_id
            and deals.model = anchor_counts.model
),

-- The rest is divided equally among the touches that are no anchor. Where a model has neither an
-- anchor nor a rest for a deal, all its touches have an equal share.
divided as (
    select
        *,
        case
            when rest_count = 0 then null
            when rest_weight > 0 then cast(rest_weight / rest_count as {{ type_share() }})
            when anchors_total = 0 then cast(1.0 / touch_count as {{ type_share() }})
        end as rest_share,
        cast(
            case
                when anchors_total = 0 and rest_weight = 0 then 1
                when rest_count > 0 then anchors_total + rest_weight
                else anchors_total
            end as {{ type_share() }}
        ) as shares_total
    from rests
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
        anchored.opportunity_id,
        anchored.touch_id,
        anchored.id_number,
        anchored.model,
        1 as touch_count,
        cast(anchored.share as {{ type_share() }}) as share,
        divided.shares_total,
        false as is_first_touch_apart,
        false as is_lead_creation_apart,
        false as is_opportunity_creation_apart,
        false as is_close_apart
    from anchored
    inner join divided
        on
            anchored.opportunity_id = divided.opportunity_id
            and anchored.model = divided.model
    union all
    select
        opportunity_id,
        cast(null as {{ dbt.type_string() }}) as touch_id,
        cast(null as bigint) as id_number,
        model,
        rest_count as touch_count,
        rest_share as share,
        shares_total,
        first_touch_weight > 0 as is_first_touch_apart,
        lead_creation_weight > 0 as is_lead_creation_apart,
        opportunity_creation_weight > 0 as is_opportunity_creation_apart,
        close_weight > 0 as is_close_apart
    from divided
    where rest_share is not null
    union all
    select
        opportunity_id,
        touch_id,
        id_number,
        model,
        1 as touch_count,
        share,
        sum(share) over (partition by opportunity_id) as shares_total,
        false as is_first_touch_apart,
        false as is_lead_creation_apart,
        false as is_opportunity_creation_apart,
        false as is_close_apart
    from decayed
)

select * from shares
