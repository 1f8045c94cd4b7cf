-- New business, expansion or renewal: by the CRM's type, else by whether the account had bought.
with

opportunities as (
    select * from {{ ref('dim_opportunities') }}
),

fields as (
    select * from {{ ref('int_opportunity_fields__as_of') }}
),

presented as (
    select * from {{ ref('int_opportunities__presented') }}
),

excluded as (
    select * from {{ ref('int_opportunities__excluded') }}
),

opportunity_types as (
    select * from {{ ref('opportunity_types') }}
),

first_wins as (
    select
        opportunities.account_id,
        min(presented.closed_at) as first_won_at
    from opportunities
    inner join presented
        on opportunities.opportunity_id = presented.opportunity_id
    where
        presented.stage_group = 'won'
        and not exists (
            select 1
            from excluded
            where opportunities.opportunity_id = excluded.opportunity_id
        )
    group by opportunities.account_id
),

motioned as (
    select
        opportunities.opportunity_id,
        coalesce(
            opportunity_types.motion,
            case
                when first_wins.first_won_at < opportunities.first_created_at then 'expansion'
                else 'new_business'
            end
        ) as motion
    from opportunities
    inner join fields
        on opportunities.opportunity_id = fields.opportunity_id
    left join opportunity_types
        on {{ match_key('fields.opportunity_type') }} = {{ match_key('opportunity_types.type') }}
    left join first_wins
        on opportunities.account_id = first_wins.account_id
)

select * from motioned
