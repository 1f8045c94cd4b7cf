-- One row per person, with when they first reached each stage of the lifecycle.
with

staged as (
    select * from {{ ref('int_journeys__staged') }}
),

people as (
    select * from {{ ref('int_people__described') }}
),

channelled as (
    select * from {{ ref('int_journeys__channelled') }}
),

pathed as (
    select * from {{ ref('int_journeys__pathed') }}
),

rejections as (
    select * from {{ ref('int_lead_rejections__reasoned') }}
),

journeys as (
    select
        staged.person_id,
        people.account_id,
        people.segment,
        channelled.channel,
        pathed.path,
        staged.opportunity_id,
        staged.stage_reached,
        staged.inquiry_at,
        staged.mql_at,
        staged.sal_at,
        staged.sql_at,
        staged.opportunity_at,
        staged.won_at,
        staged.lost_at,
        staged.renewal_at,
        staged.rejected_at,
        staged.recycled_at,
        staged.is_inquiry_imputed,
        staged.is_mql_imputed,
        staged.is_sal_imputed,
        staged.is_sql_imputed,
        staged.is_opportunity_imputed,
        staged.is_won_imputed,
        staged.is_lost_imputed,
        staged.is_renewal_imputed,
        staged.is_rejected_imputed,
        staged.is_recycled_imputed,
        case
            when staged.rejected_at is not null
                then coalesce(rejections.rejection_reason, 'not_given')
        end as rejection_reason,
        people.is_in_crm,
        people.is_in_map
    from staged
    inner join people
        on staged.person_id = people.person_id
    inner join channelled
        on staged.person_id = channelled.person_id
    inner join pathed
        on staged.person_id = pathed.person_id
    left join rejections
        on staged.person_id = rejections.person_id
)

select * from journeys
