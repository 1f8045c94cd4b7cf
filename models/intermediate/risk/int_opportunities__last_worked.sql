-- The last business day on which anything happened to each deal: a task or meeting of its own, of
-- its account or of a contact in one of its roles, or a change of its state.
with

opportunities as (
    select * from {{ ref('fct_opportunities') }}
),

entered as (
    select * from {{ ref('crm_activities') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

contact_roles as (
    select * from {{ ref('crm_contact_roles') }}
    where created_at <= {{ as_of_at() }} or created_at is null
),

record_merges as (
    select * from {{ ref('dim_merged_records') }}
),

states as (
    select * from {{ ref('fct_opportunity_states') }}
),

activities as (
    select
        person_record_id,
        related_record_id,
        account_id,
        -- One that was completed after as-of was still open then, and has its activity date.
        coalesce(
            case when happened_at <= {{ as_of_at() }} then {{ business_date('happened_at') }} end,
            activity_date
        ) as activity_date
    from entered
),

-- An activity belongs to every record that it names; for a merged record, to its survivor.
by_record as (
    select
        coalesce(record_merges.surviving_record_id, named.record_id) as record_id,
        max(named.activity_date) as last_activity_date
    from (
        select
            person_record_id as record_id,
            activity_date
        from activities
        where activity_date <= {{ as_of_date() }}
        union all
        select
            related_record_id as record_id,
            activity_date
        from activities
        where activity_date <= {{ as_of_date() }}
        union all
        select
            account_id as record_id,
            activity_date
        from activities
        where activity_date <= {{ as_of_date() }}
    ) as named
    left join record_merges
        on named.record_id = record_merges.record_id
    where named.record_id is not null
    group by coalesce(record_merges.surviving_record_id, named.record_id)
),

by_opportunity as (
    select
        opportunities.opportunity_id,
        by_record.last_activity_date
    from opportunities
    inner join by_record
        on opportunities.opportunity_id = by_record.record_id
    union all
    select
        opportunities.opportunity_id,
        by_record.last_activity_date
    from opportunities
    inner join by_record
        on opportunities.account_id = by_record.record_id
    union all
    select
        contact_roles.opportunity_id,
        by_record.last_activity_date
    from contact_roles
    left join record_merges
        on
            record_merges.record_type = 'contact'
            and contact_roles.contact_id = record_merges.record_id
    inner join by_record
        on
            coalesce(record_merges.surviving_record_id, contact_roles.contact_id)
            = by_record.record_id
    union all
    select
        opportunity_id,
        {{ business_date('max(valid_from)') }} as last_activity_date
    from states
    group by opportunity_id
),

worked as (
    select
        by_opportunity.opportunity_id,
        max(by_opportunity.last_activity_date) as last_worked_date
    from by_opportunity
    inner join opportunities
        on by_opportunity.opportunity_id = opportunities.opportunity_id
    group by by_opportunity.opportunity_id
)

select * from worked
