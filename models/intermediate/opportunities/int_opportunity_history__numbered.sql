-- One row per opportunity and instant at which the CRM logged a change, also after as-of: what the
-- first one says may be the earliest that is known. Of two rows of one instant, the later counts. A
-- deal that the stage log does not have is here as its field history tells it.
with

history as (
    select * from {{ ref('crm_opportunity_history') }}
    where created_at is not null
),

from_fields as (
    select * from {{ ref('int_opportunity_history__from_fields') }}
),

opportunities as (
    select * from {{ ref('int_opportunities__crm_values') }}
),

ranked as (
    select
        history.*,
        opportunities.currency as opportunity_currency,
        row_number() over (
            partition by history.opportunity_id, history.created_at
            order by
                case when history.modified_at is null then 1 else 0 end,
                history.modified_at desc,
                history.opportunity_history_id desc
        ) as instant_rank
    from history
    inner join opportunities
        on history.opportunity_id = opportunities.opportunity_id
),

logged as (
    select
        opportunity_id,
        created_at as valid_from,
        stage_name,
        amount,
        coalesce(currency, opportunity_currency) as currency,
        close_date,
        probability_percent,
        forecast_category
    from ranked
    where instant_rank = 1
    union all
    select
        opportunity_id,
        valid_from,
        stage_name,
        amount,
        currency,
        close_date,
        probability_percent,
        forecast_category
    from from_fields
),

sequenced as (
    select
        opportunity_id,
        valid_from,
        stage_name,
        amount,
        currency,
        close_date,
        {{ probability('probability_percent') }} as probability,
        forecast_category,
        row_number() over (
            partition by opportunity_id
            order by valid_from
        ) as sequence_number,
        row_number() over (
            partition by opportunity_id
            order by valid_from desc
        ) as reverse_number
    from logged
)

select * from sequenced
